import { beforeAll, describe, expect, it } from 'vitest';
import { publishedClients } from './published-client/published-clients.mjs';
import { hookTimeout, runWithPublishedClients } from './published-client/run-with-published-clients.mjs';

interface Seen {
  readonly code: number | null;
  readonly output: string;
  readonly log: readonly { readonly rule?: string; readonly status: number }[];
}
const script = new URL('codex-behind-broker/scenarios.mjs', import.meta.url);
let seenByVersion: Record<string, Seen> = {};

beforeAll(async () => {
  seenByVersion = await runWithPublishedClients(script);
}, hookTimeout);

describe.each(publishedClients)('the published client $version behind the broker', ({ version }) => {
  it('runs a turn as the agent, without the identity', () => {
    const { code, output, log } = seenByVersion[version] as Seen;
    expect(output).toMatch(/Under task-[\w-]+ you said: say hello/);
    expect(code).toBe(0);
    expect(log).toContainEqual(
      expect.objectContaining({ rule: expect.stringMatching(/^POST \/.*responses$/), status: 200 }),
    );
  });
});
