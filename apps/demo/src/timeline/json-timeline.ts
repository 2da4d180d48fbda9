import type { TimelineListener } from './timeline.js';

/** Writes the timeline as one JSON object per line. */
export function jsonTimeline({ write }: { write(text: string): void }): TimelineListener {
  return ({ milliseconds, ...entry }) => {
    write(`${JSON.stringify({ ...entry, milliseconds: Math.round(milliseconds * 1000) / 1000 })}\n`);
  };
}
