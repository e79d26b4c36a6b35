"use strict";

(() => {
  const EVERY_MILLIS = 1000;
  const TIMEOUT_MILLIS = 5000;
  const HISTORY_SECONDS = 300;
  const LATELY_SECONDS = 10;
  const LONG_SECONDS = 10;
  const LEAST_STEP_PIXELS = 3;
  const HEALTH = {degraded: "busy when last checked"};

  const $ = id => document.getElementById(id);

  /** What was seen lately, the newest last: what happened lately is the difference of two. */
  let seen = [];
  let history = null;
  let chart = null;
  let paused = false;
  let timer = 0;
  let goneSince = null;

  // How things are said.

  function setText(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  const count = new Intl.NumberFormat("en");

  function duration(seconds) {
    if (seconds === null) {
      return "–";
    }
    if (seconds < 0.0009995) {
      return Math.round(seconds * 1e6) + " µs";
    }
    if (seconds < 0.9995) {
      const millis = seconds * 1e3;
      return millis.toFixed(millis < 9.95 ? 1 : 0) + " ms";
    }
    if (seconds < 59.95) {
      return seconds.toFixed(1) + " s";
    }
    const whole = Math.round(seconds);
    const two = number => String(number).padStart(2, "0");
    if (whole < 3600) {
      return Math.floor(whole / 60) + ":" + two(whole % 60) + " min";
    }
    return Math.floor(whole / 3600) + ":" + two(Math.floor(whole % 3600 / 60)) + " h";
  }

  function bytes(number) {
    if (number < 1024) {
      return number + " B";
    }
    const units = ["KiB", "MiB", "GiB", "TiB"];
    let at = -1;
    let value = number;
    do {
      value /= 1024;
      at++;
    } while (value >= 1023.95 && at < units.length - 1);
    return value.toFixed(value < 99.95 ? 1 : 0) + " " + units[at];
  }

  const time = millis => new Date(millis).toLocaleTimeString("en-GB");

  // What happened lately.

  /** The newest snapshot that is at least so old; else the oldest of this run of the server. */
  function before(now) {
    let found = null;
    for (const one of seen) {
      if (found === null || now.upSeconds - one.upSeconds >= LATELY_SECONDS - 0.5) {
        found = one;
      }
    }
    return found;
  }

  /** Of waits in buckets, how long the given share of them took at most; in a bucket they count as spread evenly. */
  function quantile(below, counts, share) {
    const all = counts.reduce((sum, one) => sum + one, 0);
    if (all === 0) {
      return null;
    }
    let rank = share * all;
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && rank <= counts[i]) {
        const from = i === 0 ? 0 : below[i - 1];
        return from + (below[i] - from) * rank / counts[i];
      }
      rank -= counts[i];
    }
    return below[below.length - 1];
  }

  // Tables.

  /** Makes the body of a table have these rows, and touches only the cells that differ. */
  function fill(body, rows) {
    while (body.rows.length > rows.length) {
      body.deleteRow(-1);
    }
    rows.forEach((cells, at) => {
      let row = body.rows[at];
      if (row && row.cells.length !== cells.length) {
        row.replaceChildren();
      }
      row = row || body.insertRow();
      cells.forEach((cell, column) => {
        const name = cell.head ? "TH" : "TD";
        let element = row.cells[column];
        if (!element || element.tagName !== name) {
          const made = document.createElement(name);
          if (cell.head) {
            made.scope = "row";
          }
          if (element) {
            element.replaceWith(made);
          } else {
            row.append(made);
          }
          element = made;
        }
        const style = cell.style || "";
        if (element.className !== style) {
          element.className = style;
        }
        const span = cell.span || 1;
        if (element.colSpan !== span) {
          element.colSpan = span;
        }
        if (style.includes("sql")) {
          if (!element.firstElementChild) {
            element.replaceChildren(document.createElement("span"));
          }
          setText(element.firstElementChild, cell.text);
          if (element.title !== cell.text) {
            element.title = cell.text;
          }
        } else {
          if (element.title) {
            element.removeAttribute("title");
          }
          setText(element, cell.text);
        }
      });
    });
  }

  const head = (text, style) => ({head: true, text, style});
  const number = (text, style) => ({text, style: style ? "number " + style : "number"});
  const fixed = text => ({text, style: "fixed"});
  const none = (text, span) => [{text, style: "none", span}];

  /** A row of what is counted: how often lately, and in all. */
  function counted(name, now, then, of, isAlarming, style) {
    const total = of(now);
    const lately = total - of(then);
    return [head(name, style), number(count.format(lately), isAlarming && lately > 0 ? "alarm" : ""),
      number(count.format(total), isAlarming && total > 0 ? "alarm" : "")];
  }

  function showWaits(now, then) {
    const below = now.waitTimes.below;
    const total = now.waitTimes.count;
    const lately = total.map((one, i) => one - then.waitTimes.count[i]);
    const mean = (seconds, waits) => waits > 0 ? seconds / waits : null;
    const row = (name, last, all) => [head(name), number(duration(last)), number(duration(all))];
    fill($("waits").tBodies[0], [
      counted("Callers that waited", now, then, pool => pool.waits),
      row("Half of them at most", quantile(below, lately, 0.5), quantile(below, total, 0.5)),
      row("99 % at most", quantile(below, lately, 0.99), quantile(below, total, 0.99)),
      row("On average", mean(now.waitSeconds - then.waitSeconds, now.waits - then.waits),
        mean(now.waitSeconds, now.waits)),
      counted("Got nothing in time", now, then, pool => pool.timeouts, true),
      counted("Refused: too many waited", now, then, pool => pool.refusals, true),
      counted("Deadlocks", now, then, pool => pool.deadlocks, true),
    ]);
  }

  const ALARMING = new Set(["leaked", "broken", "invalid", "reset failed", "late"]);

  function showDone(now, then) {
    const rows = [
      counted("Connections opened", now, then, pool => pool.created),
      counted("Failed to open", now, then, pool => pool.failedConnects, true),
      counted("Connections closed", now, then, pool => pool.destroyed),
    ];
    for (const reason of Object.keys(now.closedBy)) {
      if (reason !== "leaked") {
        rows.push(counted(reason, now, then, pool => pool.closedBy[reason] || 0, ALARMING.has(reason), "part"));
      }
    }
    rows.push(counted("Leaks", now, then, pool => pool.leaks, true));
    fill($("done").tBodies[0], rows);
  }

  function showMemory(now) {
    const builders = now.builders;
    const used = builders.hits + builders.misses;
    fill($("memory").tBodies[0], [
      [head("Arrow buffers allocated"), number(bytes(now.arrow.allocatedBytes))],
      [head("the most that was", "part"), number(bytes(now.arrow.peakBytes))],
      [head("Record builders out"), number(count.format(builders.out))],
      [head("Record builders idle"), number(count.format(builders.idle))],
      [head("their memory", "part"), number(bytes(builders.idleBytes))],
      [head("Builders' memory allocated"), number(bytes(builders.allocatedBytes))],
      [head("Found idle when asked for"), number(used ? (100 * builders.hits / used).toFixed(1) + " %" : "–")],
      [head("Builders lost"), number(count.format(builders.unreachable), builders.unreachable ? "alarm" : "")],
    ]);
  }

  const held = seconds => number(duration(seconds), seconds >= LONG_SECONDS ? "late" : "");

  function showRunning(now) {
    setText($("running-count"), listed(now.statementCount, now.statements.length));
    const rows = now.statements.map(one => [
      held(one.ageSeconds),
      fixed(one.kind),
      {text: one.waiting ? "waits" : "runs", style: one.waiting ? "fixed late" : "fixed"},
      fixed(one.peer || ""),
      {text: one.sql || "", style: "sql"},
    ]);
    fill($("running").tBodies[0], rows.length ? rows : [none("Nothing runs.", 5)]);
  }

  function showLeases(now, pool) {
    setText($("leases-count"), listed(pool.leaseCount, pool.leases.length));
    const running = new Map(now.statements.map(one => [one.thread, one]));
    const rows = pool.leases.map(lease => {
      const statement = running.get(lease.holder);
      const what = statement ? statement.sql || statement.kind : lease.acquiredAt ? "acquired at " + lease.acquiredAt : "";
      return [held(lease.heldSeconds), fixed(lease.connection), fixed(lease.holder || "unknown"),
        {text: what, style: "sql"}];
    });
    fill($("leases").tBodies[0], rows.length ? rows : [none("All connections are idle.", 4)]);
  }

  const listed = (all, shown) => all > shown ? `the first ${shown} of ${count.format(all)}` : all ? String(all) : "";

  // The chart.

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  /**
   * What the chart draws: for each step of so many seconds the means, and of those that waited the most, since none must
   * be lost. Steps begin at whole multiples of the time, so that those that are over do not change.
   */
  function columns() {
    const seconds = Math.ceil(HISTORY_SECONDS * LEAST_STEP_PIXELS / Math.max(1, $("chart").clientWidth));
    const [times, max, open, inUse, waiting] = [[], [], [], [], []];
    for (let at = 0; at < history.time.length;) {
      const step = Math.floor(history.time[at] / 1000 / seconds);
      let [all, openSum, inUseSum, most] = [0, 0, 0, 0];
      for (; at < history.time.length && Math.floor(history.time[at] / 1000 / seconds) === step; at++, all++) {
        openSum += history.inUse[at] + history.idle[at];
        inUseSum += history.inUse[at];
        most = Math.max(most, history.waiting[at]);
      }
      times.push(seconds === 1 ? history.time[at - 1] / 1000 : step * seconds);
      max.push(history.max[at - 1]);
      open.push(openSum / all);
      inUse.push(inUseSum / all);
      waiting.push(most);
    }
    return [times, open, inUse, max, waiting];
  }

  function drawChart() {
    const place = $("chart");
    if (chart) {
      chart.destroy();
    }
    const axis = {
      stroke: colour("--quiet"),
      font: "12px system-ui, sans-serif",
      grid: {stroke: colour("--line"), width: 1},
      ticks: {show: false},
    };
    const line = (label, name, more) => ({label, stroke: colour(name), width: 1.5, points: {show: false}, ...more});
    const stepped = uPlot.paths.stepped({align: 1});
    chart = new uPlot({
      width: place.clientWidth,
      height: place.clientHeight,
      padding: [8, 0, 0, 0],
      legend: {show: false},
      cursor: {show: false},
      scales: {
        x: {range: () => [history.time.at(-1) / 1000 - HISTORY_SECONDS, history.time.at(-1) / 1000]},
        y: {range: (plot, low, high) => [0, Math.max(1, high) * 1.05]},
      },
      axes: [
        {...axis, size: 24, gap: 4, values: (plot, at) => at.map(seconds => time(seconds * 1000).slice(0, 5)),
          incrs: [60, 120]},
        {...axis, size: 36, gap: 4, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]},
      ],
      series: [
        {},
        line("in use and idle", "--idle-edge", {fill: colour("--idle-fill"), paths: stepped, width: 1}),
        line("in use", "--used", {fill: colour("--used-fill"), paths: stepped, width: 1}),
        line("max", "--quiet", {dash: [4, 4], width: 1, paths: stepped}),
        line("waiting", "--waiting", {paths: stepped}),
      ],
    }, columns(), place);
  }

  function extendHistory(now, pool) {
    const last = history.time.at(-1);
    if (last !== undefined && now.time <= last) {
      return;
    }
    history.time.push(now.time);
    for (const name of ["inUse", "idle", "waiting", "max"]) {
      history[name].push(pool[name]);
    }
    while (history.time.length > 1 && now.time - history.time[0] > (HISTORY_SECONDS + 2) * 1000) {
      Object.values(history).forEach(values => values.shift());
    }
  }

  function showChart(pool) {
    if (chart) {
      chart.setData(columns());
    } else {
      drawChart();
    }
    const most = values => values.reduce((a, b) => Math.max(a, b), 0);
    $("chart").setAttribute("aria-label", `Connections of the last five minutes: now ${pool.inUse} in use and `
      + `${pool.waiting} waiting; at most ${most(history.inUse)} in use and ${most(history.waiting)} waiting`);
  }

  // All of it.

  function showState(text, style) {
    const state = $("state");
    setText(state, text);
    state.className = "state " + style;
  }

  function show(now) {
    const pool = now.pools[0];
    const then = before(now);
    showState(now.ready ? "ready" : now.phase === "closing" ? "closing" : "not ready: " + now.reason,
      now.ready ? "good" : "bad");
    const up = `up ${duration(Math.floor(now.upSeconds)).replace(".0", "")}`.replaceAll(" ", "\u00a0");
    setText($("server"), `${now.uri} · ${now.version} · ${up}`);
    setText($("clock"), time(now.time));
    setText($("pool-name"), `pool ${pool.name}, ${HEALTH[pool.health] || pool.health}${pool.suspended ? ", suspended" : ""}`);
    for (const name of ["inUse", "idle", "waiting", "max"]) {
      setText($(name), count.format(pool[name]));
    }
    $("waiting").parentElement.classList.toggle("some", pool.waiting > 0);
    showRunning(now);
    showLeases(now, pool);
    showWaits(pool, then.pools[0]);
    showDone(pool, then.pools[0]);
    showMemory(now);
    extendHistory(now, pool);
    showChart(pool);
    document.title = `${pool.inUse}/${pool.max} Hatch`;
  }

  async function ask(path) {
    const answer = await fetch(path, {signal: AbortSignal.timeout(TIMEOUT_MILLIS), cache: "no-store"});
    if (!answer.ok) {
      throw new Error(`it answers ${answer.status} to ${path}`);
    }
    return answer.json();
  }

  function keep(now) {
    if (seen.length && now.upSeconds < seen.at(-1).upSeconds) {
      seen = [];
      history = null;
    }
    seen.push(now);
    while (now.upSeconds - seen[0].upSeconds > LATELY_SECONDS + 2) {
      seen.shift();
    }
  }

  async function poll() {
    try {
      const now = await ask("api/pools");
      keep(now);
      if (history === null || now.time - history.time.at(-1) > 5000) {
        history = await ask("api/history");
      }
      goneSince = null;
      $("gone").hidden = true;
      document.body.classList.remove("stale");
      show(now);
    } catch (failure) {
      showGone(failure);
    }
  }

  function showGone(failure) {
    if (goneSince === null) {
      goneSince = Date.now();
      const last = seen.length ? ` The numbers below are those of ${time(seen.at(-1).time)}.` : "";
      setText($("gone"), `The server does not answer since ${time(goneSince)}.${last} It is asked again every second.`);
      $("gone").hidden = false;
      document.body.classList.add("stale");
      document.title = "gone – Hatch";
    }
    $("gone").title = String(failure && failure.message);
    showState("gone", "bad");
  }

  // When it asks.

  let asking = false;

  async function tick() {
    clearTimeout(timer);
    if (paused || document.hidden || asking) {
      return;
    }
    asking = true;
    const start = performance.now();
    await poll();
    asking = false;
    if (!paused && !document.hidden) {
      timer = setTimeout(tick, Math.max(100, EVERY_MILLIS - (performance.now() - start)));
    }
  }

  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").classList.toggle("on", paused);
    setText($("pause"), paused ? "Resume" : "Pause");
    tick();
  });
  document.addEventListener("visibilitychange", tick);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart && drawChart());
  new ResizeObserver(() => {
    const place = $("chart");
    if (chart && (chart.width !== place.clientWidth || chart.height !== place.clientHeight)) {
      chart.setSize({width: place.clientWidth, height: place.clientHeight});
    }
  }).observe($("chart"));
  tick();
})();
