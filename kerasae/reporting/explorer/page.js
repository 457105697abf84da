"use strict";
// The models of the page in the browser, and its parts. Values are as in Python: images in [0, 1],
// rows as the models see them, losses in nats, summed over the values of a sample.
const explorer = (() => {
  const page = JSON.parse(document.getElementById("content").textContent);
  const names = Object.keys(page.variants);
  const samples = page.samples;
  const size = samples.shape.reduce((a, b) => a * b, 1);
  const find = (id) => document.getElementById(id);
  const TYPES = { int8: Int8Array, int32: Int32Array, float32: Float32Array };
  const PROFILE = { width: 160, height: 60 };
  const hidden = new Set();

  // Arrays and networks

  function unpack(packed) {
    const text = atob(packed.data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new TYPES[packed.type](bytes.buffer);
  }

  function unpackLayer(layer) {
    const [outputs, inputs] = layer.weights.shape;
    const whole = unpack(layer.weights);
    const scale = unpack(layer.scale);
    const weights = new Float32Array(whole.length);
    for (let i = 0; i < whole.length; i++) weights[i] = whole[i] * scale[Math.floor(i / inputs)];
    return { weights, bias: unpack(layer.bias), inputs, outputs, activation: layer.activation };
  }

  const unpacked = new WeakMap();

  function networkOf(holder) {
    if (!holder || !holder.network) return null;
    if (!unpacked.has(holder)) {
      const { encoder, decoder, codebook, ...rest } = holder.network;
      unpacked.set(holder, {
        ...rest,
        encoder: encoder && encoder.map(unpackLayer),  // not of a plane
        decoder: decoder.map(unpackLayer),
        codebook: codebook && { values: unpack(codebook), size: codebook.shape[1] },
      });
    }
    return unpacked.get(holder);
  }

  function run(layers, values) {
    for (const { weights, bias, inputs, outputs, activation } of layers) {
      const results = new Float32Array(outputs);
      for (let row = 0, at = 0; row < outputs; row++) {
        let sum = 0;
        for (let i = 0; i < inputs; i++) sum += weights[at++] * values[i];
        sum += bias[row];
        if (activation === "relu") sum = Math.max(sum, 0);
        if (activation === "logits") {
          const inside = Math.min(Math.max(sum, 0.5 / 255), 1 - 0.5 / 255);
          sum = Math.log(inside / (1 - inside));
        }
        results[row] = sum;
      }
      values = results;
    }
    return values;
  }

  function gaussian() {
    return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  }

  // From the encoder's outputs to a code; of a VAE its mean, or a sample
  function bottleneck(network, outputs, sampled) {
    const width = network.latent_dim;
    switch (network.bottleneck) {
      case "relu": return outputs.map((value) => Math.max(value, 0));
      case "sigmoid": return outputs.map((value) => 1 / (1 + Math.exp(-value)));
      case "gaussian": {
        const means = outputs.slice(0, width);
        if (!sampled) return means;
        return means.map((mean, i) =>
          mean + Math.exp(Math.min(Math.max(outputs[width + i], -10), 10)) * gaussian());
      }
      case "codebook": return outputs.map((value, i) => {
        const { values, size: count } = network.codebook;
        let best = values[i * count];
        for (let k = 1; k < count; k++) {
          const candidate = values[i * count + k];
          if (Math.abs(candidate - value) < Math.abs(best - value)) best = candidate;
        }
        return best;
      });
      default: return outputs;
    }
  }

  function encode(network, values, sampled = false) {
    return bottleneck(network, run(network.encoder, values), sampled);
  }

  // Outputs of the decoder: logits with the Bernoulli likelihood
  function decode(network, code) {
    return run(network.decoder, code);
  }

  function mean(network, outputs) {
    if (network.likelihood !== "bernoulli") return outputs;
    return outputs.map((value) => 1 / (1 + Math.exp(-value)));
  }

  // The loss of each value of a sample
  function lossesOf(network, values, outputs) {
    return values.map((x, i) => {
      if (network.likelihood !== "bernoulli") return (x - outputs[i]) ** 2 / 2;
      const logit = outputs[i];
      return Math.max(logit, 0) - x * logit + Math.log1p(Math.exp(-Math.abs(logit)));
    });
  }

  function total(values) {
    let sum = 0;
    for (const value of values) sum += value;
    return sum;
  }

  function loss(network, values, outputs) {
    return total(lossesOf(network, values, outputs));
  }

  // Share of the test samples with a lower loss
  function rank(variant, value) {
    const holder = page.variants[variant];
    holder.quantiles = holder.quantiles || unpack(holder.losses);
    let below = 0;
    while (below < holder.quantiles.length && holder.quantiles[below] < value) below++;
    return below / holder.quantiles.length;
  }

  // Samples

  const labels = unpack(samples.labels);
  const rows = samples.is_image ? null : unpack(samples.rows);
  let pixels = null;
  let columns = 0;

  const ready = new Promise((resolve) => {
    if (!samples.is_image) return resolve();
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      pixels = context.getImageData(0, 0, image.width, image.height).data;
      columns = image.width;
      resolve();
    };
    image.src = samples.sprite;
  });

  function sample(number) {
    if (!samples.is_image) return rows.slice(number * size, (number + 1) * size);
    const [height, width, depth] = samples.shape;
    const top = Math.floor(number / samples.sprite_columns) * height;
    const left = (number % samples.sprite_columns) * width;
    const values = new Float32Array(size);
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < depth; channel++)
          values[at++] = pixels[4 * ((top + y) * columns + left + x) + Math.min(channel, 2)] / 255;
    return values;
  }

  const within = (number) => Math.min(Math.max(Math.floor(number) || 0, 0), samples.count - 1);
  const labelOf = (number) => samples.classes[labels[number]];

  // By its name in the user's data; a number alone needs the class
  function nameOf(number) {
    const name = samples.names[number];
    const isEnough = samples.classes.length < 2 || !/^\d+$/.test(name);
    return isEnough ? name : `${name}, class ${labelOf(number)}`;
  }

  // To choose a sample by its name; the value is its place on the page
  function offer(select) {
    samples.names.forEach((_, number) => select.add(new Option(nameOf(number), number)));
  }

  // As in the user's data, with the digits that scaling to float32 leaves
  function valueOf(number, column) {
    const value = rows[number * size + column];
    if (!samples.scale) return Number(value.toPrecision(6));
    const factor = samples.scale.factor[column];
    const error = Math.max(1e-4, 1.2e-7 * Math.abs(value)) / Math.abs(factor);
    const digits = Math.floor(-Math.log10(error));
    return Number((value / factor + samples.scale.offset[column])
      .toFixed(Math.min(Math.max(digits, 0), 100)));
  }

  // Pictures

  function show(canvas, values, reference = null) {
    if (!samples.is_image) return showProfile(canvas, values, reference);
    const [height, width, depth] = samples.shape;
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = values[i * depth + Math.min(channel, depth - 1)];
        image.data[4 * i + channel] = 255 * Math.min(Math.max(value, 0), 1);
      }
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  function showProfile(canvas, values, reference) {
    canvas.className = "profile";
    canvas.width = PROFILE.width;
    canvas.height = PROFILE.height;
    const context = canvas.getContext("2d");
    const every = [...values, ...(reference || [])];
    const low = Math.min(...every);
    const high = Math.max(...every, low + 1e-6);
    const line = (points, colour) => {
      context.strokeStyle = colour;
      context.beginPath();
      points.forEach((value, i) => {
        const x = 2 + (PROFILE.width - 4) * (points.length > 1 ? i / (points.length - 1) : 0.5);
        const y = PROFILE.height - 2 - (PROFILE.height - 4) * (value - low) / (high - low);
        if (i) context.lineTo(x, y); else context.moveTo(x, y);
      });
      context.stroke();
    };
    if (reference) line([...reference], "#8a8a8a");
    line([...values], "#3f90da");
  }

  function panel(name, label) {
    const figure = document.createElement("figure");
    figure.className = "panel";
    if (page.variants[name]) figure.dataset.variant = name;
    const title = document.createElement("div");
    title.className = "name";
    title.textContent = label || name;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label || name);
    const caption = document.createElement("figcaption");
    figure.append(title, canvas, caption);
    return { figure, canvas, caption };
  }

  // One panel a variant; those that are not live say why
  function panels(parent, first = []) {
    const made = {};
    for (const [name, label] of first) {
      made[name] = panel(name, label);
      parent.append(made[name].figure);
    }
    for (const name of names) {
      const added = panel(name);
      parent.append(added.figure);
      if (page.variants[name].network) {
        made[name] = added;
      } else {
        added.canvas.remove();
        added.caption.textContent = page.variants[name].why_not;
      }
    }
    return made;
  }

  const live = () => names.filter((name) => page.variants[name].network && !hidden.has(name));

  function throttled(draw) {
    let waiting = false;
    return () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(); });
    };
  }

  // The answer

  function drawRankings() {
    const parent = find("rankings");
    parent.replaceChildren();
    for (const ranking of page.rankings) {
      const rows = ranking.rows.filter((row) => !hidden.has(row.variant));
      const sign = ranking.higher ? -1 : 1;
      rows.sort((a, b) => find("order").value === "name"
        ? a.variant.localeCompare(b.variant) : sign * (a.mean - b.mean));
      // The axis is that of the autoencoders and half as much; baselines beyond lie on its edge
      const ends = (chosen) => [Math.min(...chosen.map((row) => row.mean - row.half_width)),
        Math.max(...chosen.map((row) => row.mean + row.half_width))];
      const ours = rows.filter((row) => !row.is_baseline);
      const [first, last] = ends(ours.length ? ours : rows);
      const [least, most] = ends(rows);
      const low = Math.max(least, first - 0.5 * (last - first));
      const high = Math.max(Math.min(most, last + 0.5 * (last - first)), low + 1e-9);
      const place = (value) => 3 + 94 * (Math.min(Math.max(value, low), high) - low) / (high - low);
      const isBeyond = (row) => row.mean < low || row.mean > high;
      const table = document.createElement("table");
      const caption = table.createCaption();
      caption.textContent = `${ranking.use} (${ranking.metric}, ${ranking.higher ? "higher" : "lower"} is better)`;
      for (const row of rows) {
        const line = table.insertRow();
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = row.variant;
        line.append(head);
        const ns = "http://www.w3.org/2000/svg";
        const svg = document.createElementNS(ns, "svg");
        svg.setAttribute("aria-hidden", "true");
        const bar = document.createElementNS(ns, "line");
        const dot = document.createElementNS(ns, "circle");
        const set = (element, values) => {
          for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
        };
        const colour = row.standing ? "#3f90da" : "#8a8a8a";
        set(bar, { x1: `${place(row.mean - row.half_width)}%`, x2: `${place(row.mean + row.half_width)}%`,
          y1: "50%", y2: "50%", stroke: colour, "stroke-width": 2 });
        set(dot, { cx: `${place(row.mean)}%`, cy: "50%", r: 4, stroke: colour, "stroke-width": 2,
          fill: row.is_baseline ? "Canvas" : colour });
        if (isBeyond(row)) set(dot, { r: 2 });
        svg.append(bar, dot);
        line.insertCell().append(svg);
        const number = line.insertCell();
        number.className = "number";
        number.textContent = format(row.mean) + (row.half_width ? ` ± ${format(row.half_width)}` : "");
        line.insertCell().textContent = row.standing;
      }
      const text = document.createElement("p");
      text.className = "text";
      text.textContent = ranking.sentences;
      const box = document.createElement("div");
      box.append(table, text);
      parent.append(box);
    }
  }

  const format = (value) => Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(3);

  function drawClaims() {
    if (!page.claims.length) return;
    const title = document.createElement("h3");
    title.textContent = "The article's claims";
    const list = document.createElement("ul");
    list.className = "strip";
    for (const claim of page.claims) {
      const item = document.createElement("li");
      item.className = claim.verdict;
      item.title = `${claim.statement}. ${claim.measured}`;
      item.textContent = `${claim.id} ${claim.verdict}`;
      list.append(item);
    }
    find("claims").append(title, list);
  }

  // The latent plane

  let relative = [0.5, 0.5];

  function pointer(name, x, y) {
    const { low, high } = page.variants[name].plane;
    relative = [x, y].map((value, i) => (value - low[i]) / (high[i] - low[i] || 1));
    drawPlane();
  }

  const drawPlane = throttled(() => {
    relative = relative.map((value) => Math.min(Math.max(value, 0), 1));
    find("pad-text").textContent =
      `Position: ${relative.map((value) => `${Math.round(100 * value)} %`).join(", ")} of each plane.`;
    for (const canvas of document.querySelectorAll("[data-decoded]")) {
      const name = canvas.dataset.decoded;
      const network = networkOf(page.variants[name].plane);
      if (!network || hidden.has(name)) continue;
      show(canvas, mean(network, decode(network, codeAt(name, relative))));
    }
  });

  function codeAt(name, [x, y]) {
    const { low, high } = page.variants[name].plane;
    const network = networkOf(page.variants[name].plane);
    const code = Float32Array.of(low[0] + x * (high[0] - low[0]), low[1] + y * (high[1] - low[1]));
    return network.bottleneck === "codebook" ? bottleneck(network, code, false) : code;
  }

  function beginPlane() {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    find("pad").addEventListener("keydown", (event) => {
      if (!steps[event.key]) return;
      event.preventDefault();
      relative = relative.map((value, i) => value + 0.02 * steps[event.key][i]);
      drawPlane();
    });
    drawPlane();
  }

  // Between two samples

  let betweenPanels = {};
  let ends = {};

  function takeEnds() {
    const pair = ["first", "second"].map((id) => within(find(id).value));
    ends = { values: pair.map(sample), outputs: {} };
    for (const name of names) {
      const network = networkOf(page.variants[name]);
      if (network) ends.outputs[name] = ends.values.map((values) => run(network.encoder, values));
    }
    drawBetween();
  }

  const mixed = (first, second, position) =>
    first.map((value, i) => (1 - position) * value + position * second[i]);

  // Linear between the encoder's outputs, as in the article
  function between(name, position, sampled) {
    const network = networkOf(page.variants[name]);
    const [first, second] = ends.outputs[name];
    const outputs = mixed(first, second, position);
    return mean(network, decode(network, bottleneck(network, outputs, sampled)));
  }

  const drawBetween = throttled(() => {
    const position = Number(find("position").value);
    find("position-text").textContent = position.toFixed(2);
    show(betweenPanels["cross-fade"].canvas, mixed(...ends.values, position));
    for (const name of live())
      show(betweenPanels[name].canvas, between(name, position, find("sampled").checked));
  });

  function beginBetween() {
    const what = samples.is_image ? "cross-fade of the pixels" : "cross-fade of the columns";
    betweenPanels = panels(find("between-grid"), [["cross-fade", what]]);
    for (const id of ["first", "second"]) {
      offer(find(id));
      find(id).addEventListener("input", takeEnds);
    }
    // Two samples of different classes to begin with
    const other = labels.findIndex((label) => label !== labels[0]);
    find("second").value = Math.max(other, Math.min(1, samples.count - 1));
    for (const id of ["position", "sampled"]) find(id).addEventListener("input", drawBetween);
    takeEnds();
  }

  // The map

  const codes = {};

  function codeOf(name, number) {
    codes[name] = codes[name] || unpack(page.variants[name].codes);
    const width = page.variants[name].codes.shape[1];
    return codes[name].slice(number * width, (number + 1) * width);
  }

  let hoveredNow = -1;

  function hover(indices) {
    if (!indices.length || indices[0] === hoveredNow || !find("hovered")) return;
    hoveredNow = indices[0];
    const values = sample(hoveredNow);
    const made = [];
    const add = (label, picture, reference) => {
      const figure = document.createElement("figure");
      const canvas = document.createElement("canvas");
      show(canvas, picture, reference);
      const caption = document.createElement("figcaption");
      caption.textContent = label;
      figure.append(canvas, caption);
      made.push(figure);
    };
    add(nameOf(hoveredNow), values);
    for (const name of live()) {
      const network = networkOf(page.variants[name]);
      const outputs = decode(network, codeOf(name, hoveredNow));
      const value = loss(network, values, outputs);
      add(`${name}: loss ${format(value)}, above ${Math.round(100 * rank(name, value))} %`,
        mean(network, outputs), values);
    }
    find("hovered").replaceChildren(...made);
  }

  function selected(indices) {
    if (!find("selected")) return;
    const counts = new Map();
    for (const number of indices) counts.set(labelOf(number), (counts.get(labelOf(number)) || 0) + 1);
    const classes = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 10)
      .map(([label, count]) => `${count} of class ${label}`).join(", ");
    find("selected").textContent = indices.length
      ? `${indices.length} selected in all planes: ${classes}.` : "Nothing is selected.";
  }

  // Bokeh's documents, once they are there
  const model = (name) => window.Bokeh && Bokeh.documents.length
    ? Bokeh.documents[0].get_model_by_name(name) : null;

  // Draw, or change a row

  let drawn = new Float32Array(size);
  let drawPanels = {};
  let sliders = [];

  const drawDrawn = throttled(() => {
    if (samples.is_image) show(find("drawing"), drawn);
    for (const name of live()) {
      const { canvas, caption, bar } = drawPanels[name];
      const network = networkOf(page.variants[name]);
      const outputs = decode(network, encode(network, drawn));
      const value = loss(network, drawn, outputs);
      const share = rank(name, value);
      show(canvas, mean(network, outputs), drawn);
      caption.textContent = `loss ${format(value)}, above ${Math.round(100 * share)} % of the test samples`;
      bar.className = share >= 0.95 ? "bar high" : "bar";
      bar.firstChild.style.width = `${100 * share}%`;
    }
  });

  function stroke(x, y) {
    const [height, width, depth] = samples.shape;
    const radius = Math.max(Math.max(height, width) / 24, 0.8);  // a pen for digits
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const ink = Math.min(Math.max(1.5 * radius - distance, 0) / radius, 1);
        for (let channel = 0; channel < depth; channel++) {
          const at = (row * width + column) * depth + channel;
          drawn[at] = Math.max(drawn[at], ink);
        }
      }
  }

  function beginDraw() {
    drawPanels = panels(find("draw-grid"));
    for (const drawPanel of Object.values(drawPanels)) {
      drawPanel.bar = document.createElement("div");
      drawPanel.bar.append(document.createElement("span"));
      drawPanel.figure.append(drawPanel.bar);
    }
    offer(find("start"));
    const set = (values) => {
      drawn = Float32Array.from(values);
      sliders.forEach((slider, i) => { slider.value = drawn[i]; });
      drawDrawn();
    };
    find("take").addEventListener("click", () => set(sample(within(find("start").value))));
    if (samples.is_image) beginField(set); else beginSliders(set);
    set(sample(0));
  }

  function beginField(set) {
    const field = find("drawing");
    find("empty").addEventListener("click", () => set(new Float32Array(size)));
    let last = null;
    const at = (event) => {
      const box = field.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width * samples.shape[1],
        (event.clientY - box.top) / box.height * samples.shape[0]];
    };
    field.addEventListener("pointerdown", (event) => {
      field.setPointerCapture(event.pointerId);
      last = at(event);
      stroke(...last);
      drawDrawn();
    });
    field.addEventListener("pointermove", (event) => {
      if (!last) return;
      const next = at(event);
      const steps = Math.ceil(Math.hypot(next[0] - last[0], next[1] - last[1]) * 2) || 1;
      for (let i = 1; i <= steps; i++)
        stroke(...next.map((value, k) => last[k] + (value - last[k]) * i / steps));
      last = next;
      drawDrawn();
    });
    for (const name of ["pointerup", "pointercancel"])
      field.addEventListener(name, () => { last = null; });
  }

  function beginSliders(set) {
    const means = new Float32Array(size);
    sliders = Array.from({ length: size }, (_, column) => {
      let [low, high, sum] = [Infinity, -Infinity, 0];
      for (let row = 0; row < samples.count; row++) {
        const value = rows[row * size + column];
        [low, high, sum] = [Math.min(low, value), Math.max(high, value), sum + value];
      }
      means[column] = sum / samples.count;
      const label = document.createElement("label");
      const slider = document.createElement("input");
      const room = 0.5 * (high - low) || 1;
      Object.assign(slider, { type: "range", min: low - room, max: high + room, step: "any" });
      label.append(samples.columns[column], slider);
      find("sliders").append(label);
      slider.addEventListener("input", () => { drawn[column] = Number(slider.value); drawDrawn(); });
      return slider;
    });
    find("empty").addEventListener("click", () => set(means));
  }

  // The most anomalous rows

  function drawWorst() {
    const name = find("rows-model").value;
    const body = find("worst").tBodies[0];
    const network = networkOf(page.variants[name]);
    const worst = Array.from({ length: samples.count }, (_, number) => {
      const losses = lossesOf(network, sample(number), decode(network, codeOf(name, number)));
      return { number, losses, loss: total(losses) };
    }).sort((a, b) => b.loss - a.loss).slice(0, 10);
    body.replaceChildren();
    for (const { number, losses, loss } of worst) {
      const line = body.insertRow();
      const order = [...losses.keys()].sort((a, b) => losses[b] - losses[a]).slice(0, 3);
      const columns = order.map((column) => `${samples.columns[column]} `
        + `${Math.round(100 * losses[column] / loss)} %`
        + (samples.is_clipped ? "" : ` (${valueOf(number, column)})`));
      for (const text of [samples.names[number], labelOf(number), format(loss), columns.join(", ")])
        line.insertCell().textContent = text;
    }
  }

  function beginWorst() {
    for (const name of live()) find("rows-model").add(new Option(name, name));
    if (!find("rows-model").options.length) return;
    find("rows-model").addEventListener("change", drawWorst);
    drawWorst();
  }

  // Switches

  function toggle(name, on) {
    if (on) hidden.delete(name); else hidden.add(name);
    for (const element of document.querySelectorAll("[data-variant]"))
      if (element.dataset.variant === name) element.classList.toggle("off", !on);
    drawRankings();
    if (!on) return;
    const again = { plane: drawPlane, between: drawBetween, draw: drawDrawn };
    for (const id of Object.keys(begun)) if (again[id]) begun[id].then(again[id]);
  }

  function begin() {
    for (const box of document.querySelectorAll("[data-switch]"))
      box.addEventListener("change", () => toggle(box.dataset.switch, box.checked));
    find("order").addEventListener("change", drawRankings);
    drawRankings();
    drawClaims();
    if (find("clear")) find("clear").addEventListener("click", () => {
      model("samples").selected.indices = [];
    });
    document.body.dataset.ready = "yes";
    // A part with networks begins when it comes into view, as unpacking them takes a second
    const watcher = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) beginPart(entry.target.id);
    }, { rootMargin: "300px" });
    for (const id of Object.keys(BEGIN)) if (find(id)) watcher.observe(find(id));
  }

  const BEGIN = { plane: beginPlane, between: beginBetween, draw: beginDraw, rows: beginWorst };
  const begun = {};

  // Begin a part once; a promise that is kept when it can be used
  function beginPart(id) {
    begun[id] = begun[id] || ready.then(() => BEGIN[id]());
    return begun[id];
  }

  begin();
  return {
    page, names, ready, beginPart, networkOf, encode, decode, mean, loss, rank, sample, between, codeOf,
    codeAt, hover, selected, pointer, model, size,
  };
})();
window.explorer = explorer;
