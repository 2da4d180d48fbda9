import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

interface Line {
  readonly failure?: string;
  readonly outcome?: string;
  readonly unhandled?: string;
  readonly end?: true;
}

/** `DOMException` codes: 20 is `AbortError`, 23 is `TimeoutError`. */
const expectedOutcomes = {
  none: '200',
  'runtime deleted': 'agent_runtime_deleted',
  'no credentials': 'no_credentials',
  'signal aborted': '20',
  'signal aborted, own key': '20',
  'connection refused': 'TypeError',
  'fetch rejects': 'Error',
  'signal aborts while sending': '23',
  'signal aborts while sending, own key': '23',
  'sender disconnects while sending': 'ECONNRESET',
  'sender disconnects before sending': 'ECONNRESET',
};

it('a proxy that forwards streamed uploads survives every way in which a request can fail', async () => {
  const script = fileURLToPath(new URL('forward-streams.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const lines: Line[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ unhandled }) => unhandled !== undefined)).toEqual([]);
  expect(lines.at(-1)).toEqual({ end: true });
  for (const [failure, outcome] of Object.entries(expectedOutcomes)) {
    const outcomes = lines.filter((line) => line.failure === failure).map((line) => line.outcome);
    expect(new Set(outcomes), failure).toEqual(new Set([outcome]));
    expect(outcomes.length, failure).toBeGreaterThanOrEqual(8);
  }
});
