"""The computations of the tasks: functions of arrays that return arrays or numbers."""
