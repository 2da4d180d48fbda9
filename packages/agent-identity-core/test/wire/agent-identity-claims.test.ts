import { agentIdentityClaimsSchema } from 'agent-identity-core/wire';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';

const claims = {
  iss: 'https://chatgpt.com/codex-backend/agent-identity',
  aud: 'codex-app-server',
  exp: 1_776_906_000,
  iat: 1_776_902_400,
  agent_runtime_id: 'agent-123',
  agent_private_key: fixedAgent.pkcs8,
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: 'agent@example.com',
  plan_type: 'team',
  chatgpt_account_is_fedramp: false,
};
const read = (changes: object) => agentIdentityClaimsSchema.safeParse({ ...claims, ...changes });

describe('agentIdentityClaimsSchema', () => {
  it('reads the claims, with nbf if present', () => {
    expect(agentIdentityClaimsSchema.parse(claims)).toEqual(claims);
    expect(agentIdentityClaimsSchema.parse({ ...claims, nbf: 1 })).toEqual({ ...claims, nbf: 1 });
  });

  it('drops unknown claims', () => {
    expect(agentIdentityClaimsSchema.parse({ ...claims, jti: 'x', scope: [] })).toEqual(claims);
  });

  it.each([undefined, null, ''])('reads an email of %j as none', (email) => {
    expect(read({ email }).data?.email).toBeUndefined();
  });

  it('refuses an email of another type', () => {
    for (const email of [7, false, ['agent@example.com']]) expect(read({ email }).success).toBe(false);
  });

  it.each(Object.keys(claims).filter((name) => name !== 'email'))(
    'refuses an object whose %s is missing or of another type',
    (name) => {
      for (const value of [undefined, null, [], {}]) expect(read({ [name]: value }).success).toBe(false);
      const other = typeof claims[name as keyof typeof claims] === 'string' ? 7 : '7';
      expect(read({ [name]: other }).success).toBe(false);
    },
  );

  it.each(['iss', 'aud', 'agent_runtime_id', 'agent_private_key', 'account_id', 'chatgpt_user_id'])(
    'refuses an empty %s',
    (name) => {
      expect(read({ [name]: '' }).success).toBe(false);
    },
  );

  it('refuses an aud that is an array and a time that is not a finite number', () => {
    expect(read({ aud: ['codex-app-server'] }).success).toBe(false);
    for (const name of ['exp', 'iat', 'nbf']) {
      for (const time of ['1776906000', Number.NaN, Number.POSITIVE_INFINITY, []]) {
        expect(read({ [name]: time }).success).toBe(false);
      }
    }
  });

  it.each(['exp', 'iat'])('refuses an %s that is not an unsigned whole number', (name) => {
    for (const time of [1.5, -1, 2 ** 63 + 2 ** 12]) expect(read({ [name]: time }).success).toBe(false);
    expect(read({ [name]: 0 }).success).toBe(true);
  });

  it('reads an nbf of null as none, and one with a fraction', () => {
    expect(read({ nbf: null }).data?.nbf).toBeUndefined();
    expect(read({ nbf: 1.5 }).data?.nbf).toBe(1.5);
  });

  it('never puts the private key into its errors', () => {
    const { error } = read({ account_id: 7 });
    expect(error).toBeDefined();
    expect(`${error?.message} ${JSON.stringify(error)}`).not.toContain(fixedAgent.pkcs8.slice(24));
  });
});
