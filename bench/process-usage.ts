// Processor time and memory of a process by its id, as /proc tells them; not a number where there is no /proc.
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** The unit of times in /proc on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/PID/stat behind the command's closing bracket. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** User and system time since its start. */
export function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
}

export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`));
  return found === null ? Number.NaN : Number(found[1]) * 1024;
}

/**
 * Processor time that the machine's cores spent not idle, so that others on it can be seen; seconds since boot. Taken
 * from idle time, which is measured, while busy time is sampled by the clock tick and misses short bursts.
 */
export function machineBusySeconds(): number {
  const [cpu, ...rest] = read('/proc/stat').split('\n');
  const [, , , , idle, waiting] = cpu.split(/\s+/).map(Number);
  const cores = rest.filter((line) => /^cpu\d/.test(line)).length;
  return cores * uptime() - (idle + waiting) / TICKS_PER_SECOND;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
