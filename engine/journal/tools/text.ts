// How the journal's tools write numbers, times and tables for a person to read.
const KST_OFFSET_MS = 9 * 3_600_000;

/** `2026-11-23T09:00:00.123456+09:00` of UTC microseconds: Korea, to the microsecond. */
export function kstIso(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  const iso = new Date(ms + KST_OFFSET_MS).toISOString().slice(0, -1);
  return `${iso}${String(timeUs - ms * 1000).padStart(3, '0')}+09:00`;
}

/** `2026-11-23 09:00:00.123456`: the same for a column of times that are all Korea's. */
export function kstText(timeUs: number): string {
  return kstIso(timeUs).slice(0, 26).replace('T', ' ');
}

export function countText(count: number): string {
  return count.toLocaleString('en');
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < BYTE_UNITS.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** `1 h 02 min`, `3 min 20 s`, `1.5 s`. */
export function durationText(us: number): string {
  const seconds = us / 1e6;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${countText(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Lines of columns that stand under each other; those named in `right` end together instead of beginning so. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text: string, column: number): string =>
    right.includes(column) ? text.padStart(widths[column]) : text.padEnd(widths[column]);
  return rows.map((row) => `${row.map(cell).join('  ').trimEnd()}\n`).join('');
}
