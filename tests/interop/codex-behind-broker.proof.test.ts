import { beforeAll, describe, expect, it } from 'vitest';
import { publishedClients } from './published-client/published-clients.mjs';
import { hookTimeout, runWithPublishedClients } from './published-client/run-with-published-clients.mjs';

interface Seen {
  readonly code: number | null;
  readonly output: string;
  readonly log: readonly { readonly rule?: string; readonly status: number }[];
}
const script = new URL('codex-behind-broker/scenarios.mjs', import.meta.url);
const programs = ['agent-identity-broker', 'agent-identity run'];
let seenByVersion: Record<string, Record<string, Seen>> = {};

beforeAll(async () => {
  seenByVersion = await runWithPublishedClients(script);
}, hookTimeout);

describe.each(publishedClients)('the published client $version behind the broker', ({ version }) => {
  it.each(programs)('of %s runs a turn as the agent, without the identity', (program) => {
    const { code, output, log } = seenByVersion[version]?.[program] ?? expect.fail();
    expect(output).toMatch(/Under task-[\w-]+ you said: say hello/);
    expect(code).toBe(0);
    expect(log).toContainEqual(
      expect.objectContaining({ rule: expect.stringMatching(/^POST \/.*responses$/), status: 200 }),
    );
  });
});
