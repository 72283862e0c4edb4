"use strict";
(() => {
  const NEAR = { mouse: 14, touch: 30, pen: 22 };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const many = (list) => list.length.toLocaleString("en");

  function start(map) {
    const svg = map.querySelector("svg");
    const tip = map.querySelector(".tip");
    const found = map.querySelector("output");
    const search = map.querySelector("input");
    const data = JSON.parse(map.querySelector("script").textContent);
    const dots = Array.from(svg.querySelectorAll(".dots path"), (dot) => {
      const [x, y] = dot.getAttribute("d").slice(1, -2).split(" ").map(Number);
      const name = dot.firstElementChild.textContent;
      dot.firstElementChild.remove(); // or the browser's own tooltip covers ours
      return { dot, x, y, name, lower: name.toLowerCase() };
    });
    const halo = mark("halo");
    const chosen = mark("chosen");
    let current = -1;

    function mark(name) {
      const path = document.createElementNS(svg.namespaceURI, "path");
      path.setAttribute("class", name);
      svg.append(path);
      return path;
    }

    function colour(i, by) {
      return `var(--${data.colours[by][data.codes[by][i]] ?? "assay6"})`;
    }

    function colourBy(by) {
      dots.forEach(({ dot }, i) => (dot.style.stroke = colour(i, by)));
      for (const button of map.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.value === by));
      }
      for (const legend of map.querySelectorAll(".colours")) legend.hidden = legend.dataset.by !== by;
      map.dataset.by = by;
      if (current >= 0) show(current);
    }

    function hide() {
      current = -1;
      tip.hidden = true;
      for (const path of [halo, chosen]) path.removeAttribute("d");
    }

    function show(i) {
      current = i;
      const { x, y, name } = dots[i];
      for (const path of [halo, chosen]) path.setAttribute("d", `M${x} ${y}h0`);
      chosen.style.stroke = colour(i, map.dataset.by);
      const word = (by) => data.words[by][data.codes[by][i]];
      const lines = [word("assay"), word("target"), word("biosample")].filter(Boolean);
      const about = document.createElement("b");
      about.textContent = name;
      tip.replaceChildren(about, ...[lines.join(" · "), `AUROC ${data.auroc[i]}`].map((text) => {
        const line = document.createElement("span");
        line.textContent = text;
        return line;
      }));
      tip.hidden = false;
      place(x, y);
    }

    // Below the dot or above it, whichever side has room, and never beyond the plot's sides.
    function place(x, y) {
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      const across = tip.parentElement.clientWidth - tip.offsetWidth;
      const below = y * scale + 14;
      const fits = below + tip.offsetHeight <= box.height;
      tip.style.left = `${Math.max(0, Math.min(across, x * scale - 20))}px`;
      tip.style.top = `${fits ? below : y * scale - 14 - tip.offsetHeight}px`;
    }

    function nearest(event) {
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      const [x, y] = [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
      const reach = (NEAR[event.pointerType] ?? NEAR.mouse) / scale;
      return best((dot) => {
        const away = Math.hypot(dot.x - x, dot.y - y);
        return away <= reach && !dot.dot.classList.contains("off") ? away : Infinity;
      });
    }

    function best(cost) {
      let [least, at] = [Infinity, -1];
      dots.forEach((dot, i) => {
        const value = cost(dot);
        if (value < least) [least, at] = [value, i];
      });
      return at;
    }

    function point(event) {
      const i = nearest(event);
      if (i < 0) hide();
      else if (i !== current) show(i);
    }

    function step([right, down]) {
      const from = dots[current];
      const next = best((dot) => {
        const ahead = (dot.x - from.x) * right + (dot.y - from.y) * down;
        const aside = Math.abs((dot.x - from.x) * down) + Math.abs((dot.y - from.y) * right);
        return ahead > 0 && aside <= 2 * ahead ? ahead + 2 * aside : Infinity;
      });
      if (next >= 0) show(next);
    }

    function press(event) {
      if (event.key === "Escape") return hide();
      if (!(event.key in ARROWS)) return;
      event.preventDefault();
      if (current < 0) show(0);
      else step(ARROWS[event.key]);
    }

    function look() {
      const wanted = search.value.trim().toLowerCase();
      const matches = dots.filter(({ dot, lower }) => {
        const isMatch = lower.includes(wanted);
        dot.classList.toggle("off", !isMatch);
        return isMatch;
      });
      found.textContent = wanted ? `${many(matches)} of ${many(dots)}` : "";
      hide();
    }

    // Enter goes from match to match.
    function next(event) {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const matches = [...dots.keys()].filter((i) => !dots[i].dot.classList.contains("off"));
      if (matches.length) show(matches[(matches.indexOf(current) + 1) % matches.length]);
    }

    svg.tabIndex = 0;
    svg.setAttribute("role", "application");
    svg.setAttribute("aria-roledescription", "map; arrow keys go from task to task");
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    svg.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hide());
    svg.addEventListener("keydown", press);
    svg.addEventListener("focus", () => svg.matches(":focus-visible") && current < 0 && show(0));
    svg.addEventListener("blur", hide);
    search.addEventListener("input", look);
    search.addEventListener("keydown", next);
    for (const button of map.querySelectorAll("button")) {
      button.addEventListener("click", () => colourBy(button.value));
    }
    map.querySelector(".tools").hidden = false;
    colourBy(map.dataset.by);
  }

  for (const map of document.querySelectorAll(".map")) if (map.querySelector(".dots path")) start(map);
})();
