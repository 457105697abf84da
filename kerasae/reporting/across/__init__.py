"""Comparison of many methods across data sets: which differ, and which are practically equal.

The unit is the data set: seeds are averaged first, as they repeat the same data.

1. `ranks`: mean of every data set and method, ranks, Friedman's test.
2. `pairs`: Wilcoxon's signed-rank test with Holm's correction, the groups without a significant
   difference, and the Bayesian signed-rank test with a region of practical equivalence.
3. `diagrams`: critical-difference diagram and heat map.
4. `comparison_page`: the answers as sentences, and the tables.
"""
