import type { JSX } from 'preact';
import { texts } from '../../texts.js';

const [width, height] = [240, 56];

/** A value over time as a line, from 0 up, with the newest value in words. */
export function Chart(props: {
  readonly title: string;
  /** Oldest first. */
  readonly values: readonly number[];
  /** How many values fill the chart. */
  readonly capacity: number;
  readonly format: (value: number) => string;
}): JSX.Element {
  const { title, values, capacity, format } = props;
  const newest = values.at(-1);
  const top = Math.max(...values, 1e-9);
  const points = values.map((value, i) => {
    const x = width - ((values.length - 1 - i) / (capacity - 1)) * width;
    return `${x.toFixed(1)},${(height - 2 - (value / top) * (height - 6)).toFixed(1)}`;
  });
  const { waiting, chart } = texts.health;
  return (
    <section class="card chart" aria-label={title}>
      <h2>{title}</h2>
      <p class="figure">{newest === undefined ? waiting : format(newest)}</p>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={newest === undefined ? waiting : chart(title, format(Math.min(...values)), format(top))}
      >
        <polyline class="line" points={points.join(' ')} />
      </svg>
    </section>
  );
}
