"use strict";
// The table of scores: only the rows in sight are elements of the page.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const $ = (id) => document.getElementById(id);

  const data = JSON.parse($("data").textContent);
  const n = data.n;
  const ROW = 30;
  const MANY = 60; // Words of a column that a choice still lists.
  const natural = new Intl.Collator("en", { numeric: true });

  // Columns. A column of words has numbers in place of them, and the order of these.
  const columns = data.columns.map((column) => {
    if (column.numbers) {
      // A missing number is NaN here; null would be 0.
      column.values = Float64Array.from(column.numbers, (x) => (x === null ? NaN : x));
      column.isPart = column.key === "sigma_calibrated";
      return column;
    }
    const order = column.words.map((_, i) => i);
    order.sort((a, b) => natural.compare(column.words[a], column.words[b]));
    column.rank = new Float64Array(order.length);
    order.forEach((word, place) => {
      column.rank[word] = column.words[word] === "" ? NaN : place;
    });
    column.values = Float64Array.from(column.codes, (code) => column.rank[code]);
    return column;
  });
  const byKey = (key) => columns.find((column) => column.key === key);

  const shortNumber = (x) => {
    if (Number.isNaN(x)) return "";
    return Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(5)));
  };
  const text = (column, row) =>
    column.words ? column.words[column.codes[row]] : shortNumber(column.values[row]);

  const longest = (column) => {
    let width = column.name.length + 3;
    if (column.words) {
      for (const word of column.words.slice(0, 500)) width = Math.max(width, word.length + 1);
    } else {
      for (let i = 0; i < Math.min(n, 500); i++) width = Math.max(width, text(column, i).length + 1);
    }
    return Math.min(width, 26);
  };
  // Widths follow from the texts alone, so that every row has the same columns.
  const widths = columns.map(longest);
  const template = widths.map((width) => `minmax(calc(${width}ch + 20px), ${width}fr)`).join(" ");
  const letters = widths.reduce((sum, width) => sum + width, 0);
  const rowWidth = `max(100%, calc(${letters}ch + ${20 * columns.length}px))`;

  // What is shown: rows of the file in the order of the table.
  let shown = new Uint32Array(0);
  let sorted = { column: columns.indexOf(byKey("sigma_calibrated")), down: true };
  let active = { row: -1, column: 0 };

  // Elements.
  const grid = $("grid");
  grid.setAttribute("aria-colcount", columns.length);
  const head = document.createElement("div");
  head.className = "head";
  head.setAttribute("role", "row");
  head.setAttribute("aria-rowindex", 1);
  head.style.gridTemplateColumns = template;
  head.style.width = rowWidth;
  const headings = columns.map((column, i) => {
    const cell = document.createElement("div");
    cell.setAttribute("role", "columnheader");
    cell.setAttribute("aria-colindex", i + 1);
    cell.textContent = column.name;
    cell.title = column.key;
    if (!column.words) cell.className = "number";
    cell.tabIndex = -1;
    cell.addEventListener("click", () => sortBy(i));
    head.append(cell);
    return cell;
  });
  const body = document.createElement("div");
  body.className = "body";
  body.setAttribute("role", "rowgroup");
  const top = document.createElement("div");
  top.setAttribute("role", "rowgroup");
  top.style.display = "contents";
  top.append(head);
  grid.append(top, body);

  const drawn = new Map();
  const inSight = () => Math.max(1, Math.floor((grid.clientHeight - ROW) / ROW));

  const draw = () => {
    const first = Math.max(0, Math.floor(grid.scrollTop / ROW) - 8);
    const last = Math.min(shown.length, first + inSight() + 18);
    for (const [place, element] of drawn) {
      const isActive = place === active.row && element.contains(document.activeElement);
      if ((place < first || place >= last) && !isActive) {
        element.remove();
        drawn.delete(place);
      }
    }
    for (let place = first; place < last; place++) {
      if (drawn.has(place)) continue;
      const element = rowElement(place);
      drawn.set(place, element);
      body.append(element);
    }
  };

  const rowElement = (place) => {
    const row = shown[place];
    const element = document.createElement("div");
    element.setAttribute("role", "row");
    element.setAttribute("aria-rowindex", place + 2);
    element.className = place % 2 ? "odd" : "";
    element.style.gridTemplateColumns = template;
    element.style.width = rowWidth;
    element.style.top = `${place * ROW}px`;
    columns.forEach((column, i) => {
      const cell = document.createElement("div");
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", i + 1);
      cell.tabIndex = place === active.row && i === active.column ? 0 : -1;
      cell.textContent = text(column, row);
      if (!column.words) cell.className = "number";
      if (column.isPart) {
        cell.classList.add("part");
        cell.style.setProperty("--part", column.values[row]);
      }
      if (column.key === "label") cell.dataset.label = cell.textContent;
      cell.addEventListener("mousedown", () => go(place, i, false));
      element.append(cell);
    });
    return element;
  };

  const redraw = () => {
    for (const element of drawn.values()) element.remove();
    drawn.clear();
    body.style.height = `${shown.length * ROW}px`;
    grid.setAttribute("aria-rowcount", shown.length + 1);
    draw();
  };

  // Order: missing values come last either way, equal ones in the order of the file.
  const sort = () => {
    const { values } = columns[sorted.column];
    const sign = sorted.down ? -1 : 1;
    shown.sort((a, b) => {
      const [x, y] = [values[a], values[b]];
      if (x === y) return a - b;
      if (Number.isNaN(x)) return Number.isNaN(y) ? a - b : 1;
      if (Number.isNaN(y)) return -1;
      return x < y ? -sign : sign;
    });
    headings.forEach((cell, i) => {
      const way = i === sorted.column ? (sorted.down ? "descending" : "ascending") : "none";
      cell.setAttribute("aria-sort", way);
    });
  };

  const sortBy = (column) => {
    const again = sorted.column === column;
    sorted = { column, down: again ? !sorted.down : !columns[column].words && column !== columns.indexOf(byKey("pos")) };
    sort();
    grid.scrollTop = 0;
    redraw();
    go(-1, column, true);
    const way = sorted.down ? "descending" : "ascending";
    tell(`, sorted by ${columns[column].name}, ${way}`);
  };

  // Filters.
  const find = $("find");
  const rangeColumn = $("range-column");
  const rangeFrom = $("range-from");
  const rangeTo = $("range-to");
  const choices = [];

  const numeric = columns.filter((column) => !column.words);
  numeric.forEach((column) => {
    const option = document.createElement("option");
    option.value = columns.indexOf(column);
    option.textContent = column.name;
    option.selected = column.isPart;
    rangeColumn.append(option);
  });
  columns.forEach((column) => {
    const isSmall = column.words && column.words.length >= 2 && column.words.length <= MANY;
    if (!isSmall || column.key === "ref" || column.key === "alt") return;
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.append(new Option("all", ""));
    const words = column.words.map((word, i) => [word, i]);
    words.sort((a, b) => natural.compare(a[0], b[0]));
    for (const [word, i] of words) select.append(new Option(word || "(none)", i));
    select.id = `choice-${column.key}`;
    label.append(`${column.name} `, select);
    $("choices").append(label);
    choices.push({ column, select });
  });

  // A term is a place, as 20:100 or 20:100-200, a change of bases, as C>CA, or part of a text or number.
  const test = (term) => {
    const chrom = byKey("chrom");
    const pos = byKey("pos");
    const bare = (contig) => contig.toLowerCase().replace(/^chr/, "");
    const place = /^(\S+):([\d,]+)(?:-([\d,]+))?$/.exec(term);
    if (place) {
      const number = (digits) => Number(digits.replaceAll(",", ""));
      const from = number(place[2]);
      const to = place[3] ? number(place[3]) : from;
      const contigs = chrom.words.map((word) => bare(word) === bare(place[1]));
      return (row) => contigs[chrom.codes[row]] && pos.values[row] >= from && pos.values[row] <= to;
    }
    const change = /^([acgtn]+)>([acgtn]+)$/i.exec(term);
    if (change) {
      const ref = byKey("ref");
      const alt = byKey("alt");
      const [from, to] = [change[1].toUpperCase(), change[2].toUpperCase()];
      return (row) => ref.words[ref.codes[row]] === from && alt.words[alt.codes[row]] === to;
    }
    const wanted = term.toLowerCase();
    const inWords = columns
      .filter((column) => column.words)
      .map((column) => [column.codes, column.words.map((word) => word.toLowerCase().includes(wanted))]);
    const digits = /^\d+$/.test(wanted);
    return (row) =>
      inWords.some(([codes, hits]) => hits[codes[row]]) || (digits && String(pos.values[row]).includes(wanted));
  };

  const filter = () => {
    const tests = find.value.split(/\s+/).filter(Boolean).map(test);
    const [from, to] = [rangeFrom, rangeTo].map((input) => (input.value === "" ? NaN : Number(input.value)));
    const { values } = columns[Number(rangeColumn.value)];
    if (!Number.isNaN(from)) tests.push((row) => values[row] >= from);
    if (!Number.isNaN(to)) tests.push((row) => values[row] <= to);
    for (const { column, select } of choices) {
      const wanted = Number(select.value);
      if (select.value !== "") tests.push((row) => column.codes[row] === wanted);
    }
    const found = new Uint32Array(n);
    let count = 0;
    for (let row = 0; row < n; row++) {
      if (tests.every((passes) => passes(row))) found[count++] = row;
    }
    shown = found.slice(0, count);
    sort();
    active = { row: -1, column: active.column };
    grid.scrollTop = 0;
    redraw();
    settle();
    tell("");
  };

  const tell = (more) => {
    const many = (count) => count.toLocaleString("en");
    $("count").textContent = `${many(shown.length)} of ${many(n)} rows${more}`;
  };

  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  };
  const form = $("filters");
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));

  // Keys: one cell of the table takes part in the order of Tab, and arrows move on from it.
  const cellAt = (row, column) =>
    row < 0 ? headings[column] : drawn.get(row) && drawn.get(row).children[column];

  const settle = () => {
    headings.forEach((cell, i) => (cell.tabIndex = active.row < 0 && i === active.column ? 0 : -1));
  };

  const go = (row, column, focus) => {
    const before = cellAt(active.row, active.column);
    if (before) before.tabIndex = -1;
    active = {
      row: Math.max(-1, Math.min(row, shown.length - 1)),
      column: Math.max(0, Math.min(column, columns.length - 1)),
    };
    if (active.row >= 0) {
      const at = active.row * ROW;
      const room = grid.clientHeight - 2 * ROW;
      if (at < grid.scrollTop) grid.scrollTop = at;
      else if (at > grid.scrollTop + room) grid.scrollTop = at - room;
      draw();
    }
    const cell = cellAt(active.row, active.column);
    cell.tabIndex = 0;
    if (!focus) return;
    cell.focus({ preventScroll: true });
    const [left, right] = [cell.offsetLeft, cell.offsetLeft + cell.offsetWidth];
    if (left < grid.scrollLeft) grid.scrollLeft = left;
    else if (right > grid.scrollLeft + grid.clientWidth) grid.scrollLeft = right - grid.clientWidth;
  };

  grid.addEventListener("keydown", (event) => {
    const { row, column } = active;
    const far = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      PageUp: [Math.max(row < 0 ? -1 : 0, row - inSight()), column],
      PageDown: [row + inSight(), column],
      Home: [far ? 0 : row, 0],
      End: [far ? shown.length - 1 : row, columns.length - 1],
    };
    if (moves[event.key]) go(...moves[event.key], true);
    else if ((event.key === "Enter" || event.key === " ") && row < 0) sortBy(column);
    else return;
    event.preventDefault();
  });

  let asked = false;
  grid.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  });
  addEventListener("resize", draw);

  // The choice of a region.
  const choice = $("locus-choice");
  if (choice) {
    choice.addEventListener("change", () => {
      for (const locus of document.querySelectorAll(".locus")) locus.hidden = locus.id !== `locus-${choice.value}`;
    });
  }

  filter();
  // How long it took from the start of the page until the table could be used.
  root.dataset.ready = performance.now().toFixed(1);
})();
