"use strict";
(() => {
  // "1,234", "0.71%" and "10.7×" are numbers; a dash is none and sorts last either way.
  const number = (text) => parseFloat(text.replaceAll(",", ""));
  const words = new Intl.Collator(undefined, { numeric: true });

  function sort(table, head, column) {
    const isNumber = head.classList.contains("n");
    const current = head.getAttribute("aria-sort");
    const down = current ? current === "ascending" : isNumber;
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => {
      const text = row.cells[column].textContent;
      return { row, key: isNumber ? number(text) : text };
    });
    const missing = (key) => Number.isNaN(key) || key === "";
    rows.sort((a, b) => {
      if (missing(a.key) || missing(b.key)) return missing(a.key) - missing(b.key);
      const order = isNumber ? a.key - b.key : words.compare(a.key, b.key);
      return down ? -order : order;
    });
    body.append(...rows.map((entry) => entry.row));
    for (const other of table.tHead.querySelector(".columns").cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function addFilter(table) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.className = "filter";
    input.type = "search";
    label.append("Show tasks that contain", input);
    table.closest(".scroll").before(label);
    const rows = Array.from(table.tBodies[0].rows, (row) => [row, row.textContent.toLowerCase()]);
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase();
      for (const [row, text] of rows) row.hidden = !text.includes(wanted);
    });
  }

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    Array.from(table.tHead.querySelector(".columns").cells).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
    if (table.tBodies[0].rows.length > 10) addFilter(table);
  }
})();
