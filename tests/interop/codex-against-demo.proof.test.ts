import { beforeAll, describe, expect, it } from 'vitest';
import {
  productionOnlyClients,
  publishedClients,
  selfHostedClients,
} from './published-client/published-clients.mjs';
import { hookTimeout, runWithPublishedClients } from './published-client/run-with-published-clients.mjs';

interface Run {
  readonly code: number | null;
  readonly output: string;
}
type Seen = { readonly first: Run; readonly second: Run; readonly exitCode: number };
const script = new URL('codex-against-demo/scenarios.mjs', import.meta.url);
let seenByVersion: Record<string, Seen> = {};
const seenOf = (version: string) => seenByVersion[version] as Seen;

beforeAll(async () => {
  seenByVersion = await runWithPublishedClients(script);
}, hookTimeout);

const name = 'the published client $version with the identity and the commands that the demo prints';

describe.each(selfHostedClients)(name, ({ version }) => {
  it('runs a turn: the provider reads its zstd body', () => {
    const { first } = seenOf(version);
    expect(first.code).toBe(0);
    expect(first.output).toMatch(/Under task-[\w-]+ you said: say hello/);
  });

  it('compacts the conversation and continues', () => {
    const { second } = seenOf(version);
    expect(second.code).toBe(0);
    expect(second.output).toContain('context compacted');
    expect(second.output).toMatch(/Under task-[\w-]+ you said: and again/);
  });
});

describe.each(productionOnlyClients)(name, ({ version }) => {
  it('refuses the identity, because the demo is not production or staging', () => {
    const { first } = seenOf(version);
    expect(first.code).toBe(1);
    expect(first.output).toContain(
      'Agent Identity only supports production and staging ChatGPT environments',
    );
  });
});

describe.each(publishedClients)('the demo after the published client $version', ({ version }) => {
  it('exits with 0', () => {
    expect(seenOf(version).exitCode).toBe(0);
  });
});
