// The style sheet of the HTML report: system fonts, colours that can be told apart by the colour-blind as well.

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f5f8, #0a0d12);
  --panel: light-dark(#ffffff, #11151c);
  --line: light-dark(#e3e7ee, #222a36);
  --text: light-dark(#141a24, #e4e8ef);
  --muted: light-dark(#5a6474, #94a0b3);
  --good: light-dark(#0a7a52, #3ecf94);
  --fair: light-dark(#a85a00, #f0b04f);
  --bad: light-dark(#b3261e, #ff8a80);
  --completeness: light-dark(#2457d6, #6aa5ff);
  --accuracy: light-dark(#b0360f, #ff9166);
  --consistency: light-dark(#7a3fd0, #b896ff);
  --timeliness: light-dark(#00798c, #43c6d8);
  --overall: var(--text);
}
* { box-sizing: border-box; margin: 0; }
body {
  background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans KR", "Apple SD Gothic Neo", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 48px; display: grid; gap: 16px; }
main > * { min-width: 0; }
header { display: flex; align-items: baseline; gap: 14px; }
h1 { font-size: 24px; letter-spacing: -0.01em; }
h2 { font-size: 16px; margin-bottom: 10px; }
.date { color: var(--muted); font-size: 17px; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; }
.tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: 12px; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px; }
.tile span { display: block; color: var(--muted); font-size: 13px; }
.tile strong { font-size: 26px; font-weight: 650; letter-spacing: -0.02em; }
.good strong { color: var(--good); } .fair strong { color: var(--fair); } .bad strong { color: var(--bad); }
.hint { color: var(--muted); font-size: 13px; }
.clean { color: var(--good); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--text); }
svg .axis { fill: var(--muted); font-size: 11px; }
svg .score { font-weight: 600; }
.grid { stroke: var(--line); }
.floor { stroke: var(--bad); stroke-dasharray: 5 4; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.line.completeness { stroke: var(--completeness); }
.line.accuracy { stroke: var(--accuracy); stroke-dasharray: 7 3; }
.line.consistency { stroke: var(--consistency); stroke-dasharray: 2 3; }
.line.timeliness { stroke: var(--timeliness); stroke-dasharray: 9 3 2 3; }
.line.overall { stroke: var(--overall); stroke-width: 2.6; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-bottom: 8px; font-size: 13px; color: var(--muted); }
.legend span { display: inline-flex; align-items: center; gap: 7px; }
.legend svg { width: 28px; height: 8px; }
.cell { fill: var(--ground); }
.heat { fill: light-dark(#c4341f, #e0563d); }
svg .on-heat { fill: #fff; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th { color: var(--muted); font-weight: 500; text-align: left; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin-right: 7px; }
.dot.completeness { background: var(--completeness); } .dot.accuracy { background: var(--accuracy); }
.dot.consistency { background: var(--consistency); } .dot.timeliness { background: var(--timeliness); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 18px; font-size: 14px; margin-bottom: 12px; }
dt { white-space: nowrap; }
dd em { color: var(--muted); font-style: normal; font-size: 13px; }
p.hint + svg, svg + .hint, .scroll + .hint { margin-top: 8px; }
@media (max-width: 640px) {
  .tiles { grid-template-columns: repeat(2, 1fr); }
  .tile:first-child { grid-column: 1 / -1; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; }
}
@media print { body { background: none; } section, .tile { break-inside: avoid; } }
`;
