/** Writes the results of the last run into docs/benchmarks.md, as a table and a chart. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Claim, claimText } from './claim.js';

interface Results {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly date: string;
  readonly groups: readonly {
    readonly title: string;
    readonly measurements: readonly { name: string; nanoseconds: number; ratio: number }[];
    readonly claim: Claim;
    readonly reached: boolean;
  }[];
  readonly importMilliseconds: Readonly<Record<string, number>>;
}

const root = join(import.meta.dirname, '..', '..');
const results: Results = JSON.parse(readFileSync(join(root, 'bench', 'results.json'), 'utf8'));

/** What we claim, beside its baseline. */
const claims = results.groups.flatMap(({ title, measurements, claim, reached }) => {
  const own = measurements.find(({ name }) => name === claim.operation);
  const [baseline] = measurements;
  return own && baseline ? [{ title, own, baseline, ...claim, reached }] : [];
});

const rows = results.groups.flatMap(({ title, measurements, claim }) =>
  measurements.map(({ name, nanoseconds, ratio }, i) => {
    const goal = name === claim.operation ? claimText(claim) : '';
    return `| ${i === 0 ? title : ''} | ${name} | ${(nanoseconds / 1000).toFixed(2)} | ${ratio.toFixed(2)} | ${goal} |`;
  }),
);

const page = `# Benchmarks

Written by \`pnpm bench:record\` from one run of \`pnpm bench\`: ${results.date}, Node ${results.node}, ${results.platform}, ${results.cpu}.
In each group, everything runs in turns within one process or beside one client, so that other load on the machine affects all alike. A ratio
above 1 is faster than the first line of its group. Absolute times are those of this machine, whose two cores others share; a server,\nits client and what is behind it share them too.

![Our operations, as multiples of their baselines](benchmarks.svg)

| | | µs | ratio | goal |
|---|---|---:|---:|---|
${rows.join('\n')}

${missedText()}

| an import adds | ms | of what jose adds |
|---|---:|---:|
${Object.entries(results.importMilliseconds)
  .map(
    ([name, cost]) =>
      `| ${name} | ${cost.toFixed(1)} | ${(cost / (results.importMilliseconds['jose'] ?? 1)).toFixed(2)} |`,
  )
  .join('\n')}
`;

function missedText(): string {
  const missed = claims.filter(({ reached }) => !reached).map(({ operation }) => operation);
  return missed.length === 0 ? 'All goals were reached.' : `Missed in this run: ${missed.join('; ')}.`;
}

/** Bars on a logarithmic scale from 0.1 to 100; the line is the baseline. */
function drawChart(): string {
  const [left, width, height] = [330, 420, 26];
  const at = (ratio: number) => left + (width * (Math.log10(Math.min(Math.max(ratio, 0.1), 100)) + 1)) / 3;
  const bars = claims.map(({ operation, own, reached }, i) => {
    const y = 12 + i * height;
    const color = reached ? '#2a7d4f' : '#b3541e';
    return [
      `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escapeXml(operation)}</text>`,
      `<rect x="${left}" y="${y}" width="${(at(own.ratio) - left).toFixed(1)}" height="18" fill="${color}"/>`,
      `<text x="${(at(own.ratio) + 6).toFixed(1)}" y="${y + 13}">${own.ratio.toFixed(2)}×</text>`,
    ].join('');
  });
  const total = 24 + claims.length * height;
  const line = `<line x1="${at(1)}" x2="${at(1)}" y1="4" y2="${total - 8}" stroke="#777" stroke-dasharray="3 3"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 ${total}" font-family="sans-serif" font-size="12" fill="#222" role="img" aria-label="Our operations as multiples of their baselines"><rect width="820" height="${total}" fill="#fff"/>${bars.join('')}${line}</svg>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

writeFileSync(join(root, 'docs', 'benchmarks.md'), page);
writeFileSync(join(root, 'docs', 'benchmarks.svg'), drawChart());
