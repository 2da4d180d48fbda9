import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import { manualClock } from 'test-support';
import { describe, expect, it } from 'vitest';
import { createRotationCheck } from '../../dist/server/rotation-schedule.js';

const now = Date.parse('2026-04-23T00:00:00Z');

const hour = 3600;
const tenYears = 315_360_000;

async function schedule(everySeconds: number, store = memoryStore()) {
  const { clock, advance } = manualClock(now);
  const monotonic = manualClock(0);
  let futureKeys = 0;
  const authority = await createAuthority({ store, authenticator: staticTokens([]) }, { clock });
  const noted: number[] = [];
  return {
    authority,
    noted,
    look: createRotationCheck({
      authority,
      store,
      everySeconds,
      activateAfterSeconds: 900,
      clock,
      monotonicClock: monotonic.clock,
      recordSigningKeyCreation: (createdAt) => noted.push(createdAt),
      onFutureKey: () => {
        futureKeys += 1;
      },
    }),
    /** Time passes. */
    advance(seconds: number) {
      advance(seconds);
      monotonic.advance(seconds);
    },
    /** The wall clock jumps. */
    jump: advance,
    futureKeys: () => futureKeys,
    kids: async () => (await store.listSigningKeys()).map(({ kid }) => kid),
  };
}

describe('the rotation check', () => {
  it('rotates when the newest key is old enough, publishes the new key before it signs, and does not rotate twice', async () => {
    const { authority, look, advance, noted } = await schedule(3600);
    advance(3599);
    expect(await look()).toBe(false);
    advance(1);
    expect(await look()).toBe(true);
    expect(await look()).toBe(false);
    const [first, second] = (await authority.jwks()).keys.map(({ kid }) => kid);
    expect(second).toBeDefined();
    const grant = { account: { accountId: 'a', chatgptUserId: 'u', planType: 'free', isFedramp: false } };
    const kidOf = async () => {
      const [header = ''] = (await authority.issueAgentIdentityJwt(grant)).jwt.split('.');
      return JSON.parse(Buffer.from(header, 'base64url').toString()).kid;
    };
    expect(await kidOf()).toBe(first);
    advance(900);
    expect(await kidOf()).toBe(second);
    expect(noted.at(-1)).toBe(now + 3_600_000);
  });

  it('never rotates if rotation is disabled', async () => {
    const { look, advance, authority } = await schedule(0);
    advance(1_000_000_000);
    expect(await look()).toBe(false);
    expect((await authority.jwks()).keys).toHaveLength(1);
  });
});

describe('a clock that jumps', () => {
  it.each([hour, tenYears])('for a moment by +%s s delays rotation by an hour at most', async (seconds) => {
    const { look, advance, jump, kids } = await schedule(hour);
    jump(seconds);
    expect(await look()).toBe(true);
    jump(-seconds);
    const rotated: boolean[] = [];
    for (let i = 0; i < 12 && !rotated.at(-1); i++) {
      expect(await look()).toBe(false);
      advance(600);
      rotated.push(await look());
    }
    expect(rotated.at(-1)).toBe(true);
    advance(hour - 1);
    expect(await look()).toBe(false);
    advance(1);
    expect(await look()).toBe(true);
    expect(await kids()).toHaveLength(4);
  });

  it.each([hour, tenYears])(
    'for a moment by -%s s does not rotate, and the log can warn',
    async (seconds) => {
      const { look, advance, jump, kids, futureKeys } = await schedule(2 * hour);
      jump(-seconds);
      expect(await look()).toBe(false);
      advance(hour - 1);
      expect(await look()).toBe(false);
      expect(futureKeys()).toBeGreaterThan(0);
      jump(seconds);
      expect(await look()).toBe(false);
      expect(await kids()).toHaveLength(1);
      advance(hour + 1);
      expect(await look()).toBe(true);
    },
  );

  it('does not count the time before the clock was right again', async () => {
    const { look, advance, jump } = await schedule(tenYears);
    jump(-hour);
    expect(await look()).toBe(false);
    advance(hour / 2);
    jump(hour);
    expect(await look()).toBe(false);
    jump(-2 * hour);
    advance(hour / 2 + 1);
    expect(await look()).toBe(false);
  });
});

it('nodes that rotate at once create one key', async () => {
  const store = memoryStore();
  const nodes = await Promise.all([1, 2, 3].map(() => schedule(hour, store)));
  for (const { advance } of nodes) advance(hour);
  await Promise.all(nodes.map(({ look }) => look()));
  expect(await store.listSigningKeys()).toHaveLength(2);
});
