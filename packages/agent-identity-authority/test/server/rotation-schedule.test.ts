import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import { manualClock } from 'test-support';
import { describe, expect, it } from 'vitest';
import { rotateIfDue } from '../../dist/server/rotation-schedule.js';

const now = Date.parse('2026-04-23T00:00:00Z');

async function schedule(everySeconds: number) {
  const { clock, advance } = manualClock(now);
  const store = memoryStore();
  const authority = await createAuthority({ store, authenticator: staticTokens([]) }, { clock });
  const noted: number[] = [];
  return {
    authority,
    noted,
    look: () =>
      rotateIfDue({
        authority,
        store,
        everySeconds,
        activateAfterSeconds: 900,
        clock,
        recordSigningKeyCreation: (createdAt) => noted.push(createdAt),
      }),
    advance,
  };
}

describe('rotateIfDue', () => {
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
