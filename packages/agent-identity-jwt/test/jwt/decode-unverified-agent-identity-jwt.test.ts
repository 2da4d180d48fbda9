import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import fc from 'fast-check';
import { encodeJson } from 'test-support';
import { describe, expect, it } from 'vitest';
import { goodClaims } from '../support/issuer.js';
import { refusedBy } from '../support/refusal.js';

/** A token that nobody signed. */
function unsigned(payload: unknown, header: unknown = { alg: 'RS256', kid: 'key-1' }): string {
  return `${encodeJson(header)}.${encodeJson(payload)}.c2lnbmF0dXJl`;
}

function without(claim: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(goodClaims).filter(([name]) => name !== claim));
}

function refusalOf(jwt: string) {
  return refusedBy(() => decodeUnverifiedAgentIdentityJwt(jwt), jwt);
}

describe('decodeUnverifiedAgentIdentityJwt', () => {
  it('returns the claims of an unsigned token', () => {
    expect(decodeUnverifiedAgentIdentityJwt(unsigned(goodClaims))).toEqual(goodClaims);
  });

  it('reads only the payload, with any header and signature', () => {
    const payload = encodeJson(goodClaims);
    expect(decodeUnverifiedAgentIdentityJwt(`AAAA.${payload}.AAAA`)).toEqual(goodClaims);
    expect(decodeUnverifiedAgentIdentityJwt(unsigned(goodClaims, { alg: 'none' }))).toEqual(goodClaims);
  });

  it('does not check issuer, audience or times', () => {
    const claims = { ...goodClaims, iss: 'someone', aud: 'something', exp: 1, iat: 2, nbf: 3e9 };
    expect(decodeUnverifiedAgentIdentityJwt(unsigned(claims))).toEqual(claims);
  });

  it('drops unknown claims', () => {
    const claims = { ...goodClaims, sub: 'x', is_admin: true };
    expect(decodeUnverifiedAgentIdentityJwt(unsigned(claims))).toEqual(goodClaims);
  });

  it('reads text beyond ASCII', () => {
    const claims = { ...goodClaims, email: 'jörg@例え.test', account_id: 'ÿ😀' };
    expect(decodeUnverifiedAgentIdentityJwt(unsigned(claims))).toEqual(claims);
  });

  it.each(['hc', 'HC', 'education', 'Plus', 'promax', 'ent26', 'edu_plus', 'a-plan-of-tomorrow', ''])(
    'keeps the plan "%s" as it came, also in the record',
    (plan_type) => {
      const claims = decodeUnverifiedAgentIdentityJwt(unsigned({ ...goodClaims, plan_type }));
      expect(claims.plan_type).toBe(plan_type);
      expect(recordFromClaims(claims).plan_type).toBe(plan_type);
    },
  );
});

describe('a missing email', () => {
  it.each([
    ['missing', without('email')],
    ['null', { ...goodClaims, email: null }],
    ['empty', { ...goodClaims, email: '' }],
  ])('is the meaning of a claim that is %s', (_what, claims) => {
    expect(decodeUnverifiedAgentIdentityJwt(unsigned(claims)).email).toBeUndefined();
  });
});

/** Of each claim, the kinds of value that it must not have. */
const text = [undefined, null, '', 1, true, {}, []];
const refusedValues: Record<string, readonly unknown[]> = {
  iss: text,
  aud: [...text, ['codex-app-server'], ['codex-app-server', 'other']],
  exp: [undefined, null, '1776906000', true, {}, [1_776_906_000], 1_776_906_000.5, -1],
  iat: [undefined, null, '1776902400', true, {}, [1_776_902_400], 1_776_902_400.5, -1],
  nbf: ['1776902400', true, {}, [1_776_902_400]],
  agent_runtime_id: text,
  agent_private_key: text,
  account_id: text,
  chatgpt_user_id: text,
  email: [1, true, {}, ['agent-owner@example.test']],
  plan_type: [undefined, null, 1, true, {}, ['free']],
  chatgpt_account_is_fedramp: [undefined, null, '', 'false', 0, 1, {}, []],
};

describe('a claim that is missing or of another type is refused', () => {
  const cases = Object.entries(refusedValues).flatMap(([claim, values]) =>
    values.map((value) => [claim, value === undefined ? 'missing' : JSON.stringify(value), value] as const),
  );

  it.each(cases)('%s: %s', (claim, _shown, value) => {
    const jwt = unsigned(value === undefined ? without(claim) : { ...goodClaims, [claim]: value });
    const refusal = refusalOf(jwt);
    expect(refusal.code).toBe('invalid_claims');
    expect(refusal.message).toContain(`${claim}: expected `);
    expect(refusal.retryable).toBe(false);
  });

  it('these cases cover every claim of the protocol', () => {
    expect(Object.keys(refusedValues).sort()).toEqual([...Object.keys(goodClaims), 'nbf'].sort());
  });

  it('numbers that overflow', () => {
    const payload = Buffer.from(JSON.stringify(goodClaims).replace(/"exp":\d+/, '"exp":1e999')).toString(
      'base64url',
    );
    expect(refusalOf(`AAAA.${payload}.AAAA`).code).toBe('invalid_claims');
  });

  it('and the error names every such claim and its kind', () => {
    const { message } = refusalOf(
      unsigned({ ...goodClaims, exp: 'secret text', account_id: ['secret text'] }),
    );
    expect(message).toContain('exp: expected a number, got a string of 11 characters');
    expect(message).toContain('account_id: expected a string, got an array');
    expect(message).not.toContain('secret text');
  });

  it('inherited claims count as missing', () => {
    const payload = `{"__proto__":${JSON.stringify(goodClaims)}}`;
    expect(refusalOf(`AAAA.${Buffer.from(payload).toString('base64url')}.AAAA`).code).toBe('invalid_claims');
  });
});

describe('white space around a token', () => {
  it.each([
    ['a newline at the end', (jwt: string) => `${jwt}\n`],
    ['a Windows newline at the end', (jwt: string) => `${jwt}\r\n`],
    ['a byte order mark at the beginning', (jwt: string) => `\ufeff${jwt}`],
    ['spaces and tabs around it', (jwt: string) => ` \t${jwt}\t `],
  ])('is ignored: %s', (_what, change) => {
    expect(decodeUnverifiedAgentIdentityJwt(change(unsigned(goodClaims)))).toEqual(goodClaims);
  });

  it.each([
    ['white space inside', unsigned(goodClaims).replace('.', '.\n'), 'white space inside'],
    ['a scheme', `Bearer ${unsigned(goodClaims)}`, 'starts with the scheme Bearer'],
    ['two parts', 'AAAA.AAAA', '2 parts'],
    ['an empty part', 'AAAA..AAAA', 'an empty part'],
  ])('is distinguished from %s', (_what, jwt, words) => {
    expect(refusalOf(jwt).message).toContain(words);
  });
});

describe('text that is not a JWT is refused', () => {
  const header = encodeJson({ alg: 'RS256', kid: 'key-1' });
  const payload = encodeJson(goodClaims);
  const encode = (content: string | Buffer) => Buffer.from(content as string).toString('base64url');

  it.each([
    ['nothing', ''],
    ['one part', payload],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${header}.${payload}.AAAA.AAAA`],
    ['five parts, as of encrypted tokens', `${header}.AAAA.${payload}.AAAA.AAAA`],
    ['an empty header', `.${payload}.AAAA`],
    ['an empty payload', `${header}..AAAA`],
    ['an empty signature', `${header}.${payload}.`],
    ['dots only', '..'],
    ['white space inside', `${header}.${payload.slice(0, 8)} ${payload.slice(8)}.AAAA`],
    ['padding', `${header}.${encode(JSON.stringify({ ...goodClaims, x: '1' }))}=.AAAA`],
    ['the plus of standard base64', `${header}.${payload}.AA+A`],
    ['the slash of standard base64', `${header}.${payload}.AA/A`],
    ['stray bits in the signature', `${header}.${payload}.AB`],
    ['stray bits in the header', `AAB.${payload}.AAAA`],
    ['a length that base64 does not have', `${header}.${payload}.AAAAA`],
    ['letters beyond ASCII', `${header}.${payload}.AAAÄ`],
    ['a scheme before', `Bearer ${header}.${payload}.AAAA`],
    ['a payload that is not JSON', `${header}.${encode('agent_private_key=secret')}.AAAA`],
    [
      'a payload that is half a document',
      `${header}.${encode(JSON.stringify(goodClaims).slice(0, -1))}.AAAA`,
    ],
    [
      'a payload that is not UTF-8',
      `${header}.${encode(Buffer.from(JSON.stringify({ ...goodClaims, email: 'j\u00f6' }), 'latin1'))}.AAAA`,
    ],
    ['a byte order mark', `${header}.${encode(`\ufeff${JSON.stringify(goodClaims)}`)}.AAAA`],
    ['an array', `${header}.${encode(JSON.stringify([goodClaims]))}.AAAA`],
    ['text', `${header}.${encode('"text"')}.AAAA`],
    ['null', `${header}.${encode('null')}.AAAA`],
    ['over 16 KiB', `${header}.${encodeJson({ ...goodClaims, x: 'x'.repeat(16_384) })}.AAAA`],
  ])('%s', (_what, jwt) => {
    expect(refusalOf(jwt).code).toBe('malformed_jwt');
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['an object', {}],
    ['an array', ['AAAA.AAAA.AAAA']],
    ['bytes', Buffer.from('AAAA.AAAA.AAAA')],
  ])('%s', (_what, value) => {
    const refusal = refusedBy(() => decodeUnverifiedAgentIdentityJwt(value as unknown as string));
    expect(refusal.code).toBe('malformed_jwt');
  });

  it('any text is refused with an error of this family', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (jwt) => {
        expect(refusedBy(() => decodeUnverifiedAgentIdentityJwt(jwt)).code).toBe('malformed_jwt');
      }),
    );
  });

  it('any JSON as payload is refused with an error of this family', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(['malformed_jwt', 'invalid_claims']).toContain(
          refusedBy(() => decodeUnverifiedAgentIdentityJwt(unsigned(value))).code,
        );
      }),
    );
  });
});
