/** Describes a time and its distance from now, such as `2026-04-23T00:00:00Z (40 s ago)`. Both in epoch milliseconds. */
export function describeTime(time: number, now: number): string {
  if (!(Math.abs(time) <= 8.64e15)) return 'out of range';
  const iso = new Date(time).toISOString().replace('.000Z', 'Z');
  const seconds = Math.round((time - now) / 1000);
  return `${iso} (${seconds > 0 ? `in ${describeSeconds(seconds)}` : `${describeSeconds(-seconds)} ago`})`;
}

function describeSeconds(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
