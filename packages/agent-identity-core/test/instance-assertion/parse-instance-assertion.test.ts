import { parseInstanceAssertion } from 'agent-identity-core';
import { fixedAgent, printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import {
  assertion,
  claims,
  encode,
  header,
  id,
  issuedAtSeconds,
  runtimeAgentInstanceId,
  signature,
  signedAssertion,
} from '../support/fixed-instance.js';

const parsed = { runtimeAgentInstanceId, issuedAtSeconds, id, signature };
const [, encodedHeader = '', encodedClaims = ''] = assertion.split('.');

function messageFor(value: unknown): string {
  const error = thrownBy(() => parseInstanceAssertion(value as string));
  expect(error.code).toBe('malformed_instance_assertion');
  expect(error.message).toMatch(/^instance assertion: expected .+, got .+$/);
  expect(error.retryable).toBe(false);
  expect(error.cause).toBeUndefined();
  return error.message;
}

/** The claims with a part of their text replaced, which must be there; signed by the fixed key. */
function edited(part: string, replacement: string): string {
  expect(claims).toContain(part);
  return signedAssertion(claims.replace(part, () => replacement));
}

describe('parseInstanceAssertion', () => {
  it('reads the value of x-openai-agent-assertion', () => {
    expect(parseInstanceAssertion(assertion)).toEqual(parsed);
  });

  it('reads the value of Authorization', () => {
    expect(parseInstanceAssertion(`AgentAssertion ${assertion}`)).toEqual(parsed);
  });

  it.each(['"\\\b\f\n\r\t', '\u0000\u001f\u007f', 'é漢字🤖', '\u2028\u2029\ufeff', ' ', '/'])(
    'reads the instance id %j with the escapes of compact JSON',
    (instance) => {
      const value = edited(`"${runtimeAgentInstanceId}"`, JSON.stringify(instance));
      expect(parseInstanceAssertion(value).runtimeAgentInstanceId).toBe(instance);
    },
  );

  it.each([0, 1, 999_999_999_999_999])('reads the iat %d', (iat) => {
    expect(parseInstanceAssertion(edited(`${issuedAtSeconds}`, `${iat}`)).issuedAtSeconds).toBe(iat);
  });

  it('reads 8192 characters, the scheme not counted, and refuses 8193', () => {
    const longest = edited(runtimeAgentInstanceId, 'x'.repeat(5924));
    expect(longest).toHaveLength(8192);
    expect(parseInstanceAssertion(`AgentAssertion ${longest}`).runtimeAgentInstanceId).toHaveLength(5924);
    const tooLong = edited(runtimeAgentInstanceId, 'x'.repeat(5925));
    expect(messageFor(tooLong)).toContain('at most 8192 characters, got a string of 8193 characters');
  });

  it('checks the length before anything is decoded, so the work is bounded for any input', () => {
    for (const fill of ['A', '.', '@', '[']) messageFor(`1.${encodedHeader}.${fill.repeat(1 << 24)}`);
  });
});

describe('parseInstanceAssertion refuses', () => {
  it.each([undefined, null, 7, {}, [assertion], Buffer.from(assertion)])(
    'a value that is no string: %j',
    (value) => {
      messageFor(value);
    },
  );

  it.each([
    ['nothing', ''],
    ['the scheme alone', 'AgentAssertion '],
    ['no version', assertion.slice(2)],
    ['another version', `2${assertion.slice(1)}`],
    ['a version of two digits', `1${assertion}`],
    ['another scheme', `Bearer ${assertion}`],
    ['the scheme in lower case', `agentassertion ${assertion}`],
    ['the scheme with two spaces', `AgentAssertion  ${assertion}`],
    ['the scheme with a tab', `AgentAssertion\t${assertion}`],
    ['the scheme twice', `AgentAssertion AgentAssertion ${assertion}`],
    ['a space before', ` ${assertion}`],
    ['a space after', `${assertion} `],
    ['a line end after', `${assertion}\n`],
    ['a repeated header', `${assertion}, ${assertion}`],
    ['a first-generation assertion', fixedAgent.assertionHeader],
    ['no signature', `1.${encodedHeader}.${encodedClaims}`],
    ['an empty signature', `1.${encodedHeader}.${encodedClaims}.`],
    ['an empty payload', `1.${encodedHeader}..${signature}`],
    ['a part too many', `${assertion}.`],
    ['five parts of a JWE', `1.${encodedHeader}.${encodedClaims}.x.y.${signature}`],
    ['a padded payload', `1.${encodedHeader}.${encodedClaims}=.${signature}`],
    ['a padded header', `1.${encodedHeader}=.${encodedClaims}.${signature}`],
    ['a padded signature', `${assertion}==`],
    ['a payload that is no base64url', `1.${encodedHeader}.@@@@.${signature}`],
    ['a payload that is no UTF-8', signedAssertion(Buffer.from([0x7b, 0xff, 0x7d]))],
    [
      'a payload in standard base64',
      `1.${encodedHeader}.${Buffer.from(`${claims}»»?`).toString('base64')}.${signature}`,
    ],
    ['a signature of 63 bytes', `1.${encodedHeader}.${encodedClaims}.${encode(Buffer.alloc(63, 1))}`],
    ['a signature of 65 bytes', `1.${encodedHeader}.${encodedClaims}.${encode(Buffer.alloc(65, 1))}`],
    ['a signature with stray bits', `${assertion.slice(0, -1)}${assertion.endsWith('A') ? 'B' : 'x'}`],
  ])('%s', (_form, value) => {
    expect(value).not.toBe(assertion);
    messageFor(value);
  });

  it.each([
    ['alg none', '{"alg":"none","typ":"openai-agent-assertion+jws"}'],
    ['alg Ed25519', '{"alg":"Ed25519","typ":"openai-agent-assertion+jws"}'],
    ['alg HS256', '{"alg":"HS256","typ":"openai-agent-assertion+jws"}'],
    ['no typ', '{"alg":"EdDSA"}'],
    ['another typ', '{"alg":"EdDSA","typ":"JWT"}'],
    ['the typ of a media type', '{"alg":"EdDSA","typ":"application/openai-agent-assertion+jws"}'],
    ['another order', '{"typ":"openai-agent-assertion+jws","alg":"EdDSA"}'],
    ['white space', '{"alg": "EdDSA","typ":"openai-agent-assertion+jws"}'],
    ['a kid', '{"alg":"EdDSA","typ":"openai-agent-assertion+jws","kid":"1"}'],
    ['an embedded key', '{"alg":"EdDSA","jwk":{},"typ":"openai-agent-assertion+jws"}'],
    ['a repeated alg', '{"alg":"EdDSA","alg":"EdDSA","typ":"openai-agent-assertion+jws"}'],
    ['crit', '{"alg":"EdDSA","typ":"openai-agent-assertion+jws","crit":["b64"],"b64":false}'],
    ['nothing', ''],
  ])('a JWS header with %s', (_form, other) => {
    expect(other).not.toBe(header);
    expect(messageFor(signedAssertion(claims, other))).toContain('the header {"alg":"EdDSA"');
  });

  const members = {
    version: '1',
    runtime_agent_instance: `"${runtimeAgentInstanceId}"`,
    iat: `${issuedAtSeconds}`,
    id: `"${id}"`,
  };

  it.each(Object.entries(members))('a missing, repeated or escaped claim %s', (name, text) => {
    const member = `"${name}":${text}`;
    const without = Object.entries(members).filter(([other]) => other !== name);
    messageFor(signedAssertion(`{${without.map(([other, value]) => `"${other}":${value}`).join()}}`));
    messageFor(edited(member, `${member},${member}`));
    messageFor(edited(member, `"${name}":"other",${member}`));
    messageFor(edited(`"${name}"`, `"\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}"`));
    for (const other of ['null', 'true', '{}', '[]', `[${text}]`, '""'])
      messageFor(edited(member, `"${name}":${other}`));
  });

  it('claims in another order', () => {
    const entries = Object.entries(members).map(([name, value]) => `"${name}":${value}`);
    for (let i = 0; i < entries.length - 1; i += 1) {
      const swapped = [...entries.slice(0, i), entries[i + 1], entries[i], ...entries.slice(i + 2)];
      messageFor(signedAssertion(`{${swapped.join()}}`));
    }
  });

  it.each(['exp', 'aud', 'nbf', '', '__proto__', 'toJSON'])('a fifth claim %j', (name) => {
    messageFor(signedAssertion(claims.replace('}', `,"${name}":1}`)));
    messageFor(signedAssertion(claims.replace('{', `{"${name}":1,`)));
  });

  it.each(['1.0', '1e0', '01', '-1', '+1', '2', '"1"', '0', ' 1', '1 '])('the version %s', (version) => {
    messageFor(edited('"version":1', `"version":${version}`));
  });

  it.each([
    '1795646885.0',
    '1795646885.5',
    '1795646885e0',
    '1.795646885e9',
    '01795646885',
    '-1',
    '-0',
    '+1',
    '"1795646885"',
    '1000000000000000',
    '1e400',
    '٣',
    '',
  ])('the iat %s', (iat) => {
    messageFor(edited(`"iat":${issuedAtSeconds}`, `"iat":${iat}`));
  });

  it.each([
    ['upper case', id.toUpperCase()],
    ['braces', `{${id}}`],
    ['no hyphens', id.replaceAll('-', '')],
    ['version 1', 'f55035f1-e752-17d9-aee8-f580f57a709f'],
    ['version 7', 'f55035f1-e752-77d9-aee8-f580f57a709f'],
    ['another variant', 'f55035f1-e752-47d9-cee8-f580f57a709f'],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000'],
    ['a line end', `${id}\\n`],
    ['an escape', id.replace('f', '\\u0066')],
    ['nothing', ''],
  ])('an id that is no UUID v4 in lower case: %s', (_form, other) => {
    messageFor(edited(`"id":"${id}"`, `"id":"${other}"`));
  });

  it.each([
    ['empty', '""'],
    ['a lone surrogate', '"\\ud800"'],
    ['an escape that compact JSON does not use', '"\\u0041"'],
    ['an escaped slash', '"\\/"'],
    ['an upper-case escape', '"\\u001F"'],
    ['a raw control character', '"\u0001"'],
    ['an unclosed string', '"'],
    ['a trailing backslash', '"\\"'],
  ])('an instance id that is %s', (_form, text) => {
    messageFor(edited(`"${runtimeAgentInstanceId}"`, text));
  });

  it.each([' ', '\n', '\t', '\ufeff'])('white space %j anywhere in the claims', (space) => {
    messageFor(signedAssertion(space + claims));
    messageFor(signedAssertion(claims + space));
    for (const part of [',', ':', '{', '}']) {
      messageFor(edited(part, `${part}${space}`));
      messageFor(edited(part, `${space}${part}`));
    }
  });

  it.each(['', 'null', '[]', '{}', '1', '"text"', 'x', `[${claims}]`, `${claims}${claims}`])(
    'the payload %j',
    (json) => {
      messageFor(signedAssertion(json));
    },
  );
});

describe('a malformed_instance_assertion error', () => {
  it.each<[string, string, string]>([
    [
      'the version',
      assertion.slice(2),
      `"1." and a compact JWS, got a string of ${assertion.length - 2} characters`,
    ],
    [
      'the header',
      signedAssertion(claims, '{}'),
      'the header {"alg":"EdDSA","typ":"openai-agent-assertion+jws"}, got another one',
    ],
    ['the parts', `${assertion}.x`, 'three parts after the version, got 4'],
    [
      'the signature',
      `1.${encodedHeader}.${encodedClaims}.x`,
      'a signature of 64 bytes in base64url without padding, got a string of 1 character',
    ],
    [
      'the payload',
      `1.${encodedHeader}.@.${signature}`,
      'a payload in base64url without padding, got other characters',
    ],
    ['the bytes', signedAssertion(Buffer.from([0xff])), 'a payload in UTF-8, got other bytes'],
    ['the JSON', signedAssertion('x'), 'claims as a JSON object, got other text'],
    ['version', edited('"version":1', '"version":2'), 'version 1, got a number'],
    ['iat', edited(`${issuedAtSeconds}`, '"1"'), 'iat as whole seconds, got a string of 1 character'],
    ['id', edited(`"${id}"`, '7'), 'id as a UUID v4 in lower case, got a number'],
    [
      'the form',
      signedAssertion(`${claims} `),
      'compact JSON with exactly the four claims in protocol order, got different JSON',
    ],
  ])('says what was expected of %s', (_part, value, expected) => {
    expect(messageFor(value)).toBe(`instance assertion: expected ${expected}`);
  });

  it('contains nothing of the assertion', () => {
    const values = [
      `Bearer ${assertion}`,
      `${assertion}=`,
      signedAssertion(`${claims} `),
      edited(`"${id}"`, '"secretsecret"'),
      edited(`${issuedAtSeconds}`, '"secretsecret"'),
      signedAssertion('secretsecret'),
    ];
    for (const value of values) {
      const text = printedForms(thrownBy(() => parseInstanceAssertion(value)));
      for (const part of [
        runtimeAgentInstanceId,
        id,
        signature.slice(0, 16),
        encodedClaims.slice(0, 40),
        'secretsecret',
      ]) {
        expect(text).not.toContain(part);
      }
    }
  });
});
