import type { AdminSigningKey } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { texts } from '../../texts.js';

const [width, rowHeight, labelHeight] = [600, 26, 22];

/** The lives of keys on a time line: when each is published, when it signs, and now. The table below has the exact times. */
export function KeyTimeline({ keys }: { readonly keys: readonly AdminSigningKey[] }): JSX.Element {
  const now = Date.now();
  const shown = keys.slice(0, 8);
  const lives = shown.map((key, i) => lifeOf(key, shown[i - 1]));
  const start = Math.min(now, ...lives.map((life) => life.published));
  // A key without an end goes on to the right edge.
  const end = Math.max(now, ...lives.flatMap((life) => life.ends ?? [])) + (now - start) / 4 + 3_600_000;
  const x = (at: number) => ((Math.min(at, end) - start) / (end - start)) * width;
  const height = shown.length * rowHeight + labelHeight;
  const { timeline, legend, now: nowText } = texts.keys;
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={timeline}>
        {lives.map((life, i) => {
          const y = i * rowHeight;
          const last = x(life.ends ?? end);
          return (
            <g key={life.kid}>
              <rect
                class="published"
                x={x(life.published)}
                y={y + 6}
                width={last - x(life.published)}
                height={14}
                rx={3}
              />
              <rect
                class="signs"
                x={x(life.signs)}
                y={y + 6}
                width={Math.max(0, x(life.signsUntil ?? end) - x(life.signs))}
                height={14}
                rx={3}
              />
              <text x={Math.min(x(life.published) + 4, width - 70)} y={y + 17}>
                {life.kid.slice(0, 8)}
              </text>
            </g>
          );
        })}
        <line class="now" x1={x(now)} x2={x(now)} y1={0} y2={height - labelHeight} />
        <text x={x(now)} y={height - 6} text-anchor={x(now) < 40 ? 'start' : 'end'}>
          {nowText}
        </text>
      </svg>
      <figcaption class="quiet">{legend}</figcaption>
    </figure>
  );
}

/** A key signs until the next one does. */
function lifeOf(key: AdminSigningKey, next: AdminSigningKey | undefined) {
  const ends = key.published_until === null ? undefined : Date.parse(key.published_until);
  const nextSigns = next === undefined ? undefined : Date.parse(next.active_from);
  return {
    kid: key.kid,
    published: Date.parse(key.created_at),
    signs: Date.parse(key.active_from),
    signsUntil:
      nextSigns === undefined || ends === undefined ? (nextSigns ?? ends) : Math.min(nextSigns, ends),
    ends,
  };
}
