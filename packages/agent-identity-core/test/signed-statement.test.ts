import { readFileSync } from 'node:fs';
import {
  type AgentSigner,
  generateAgentKey,
  readAgentKey,
  readUnverifiedStatement,
  type SignedStatement,
  type StatementPurpose,
  signStatement,
  verifyStatement,
} from 'agent-identity-core';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

interface StatementVectors {
  readonly key: { readonly pkcs8_base64: string };
  readonly new_key: { readonly pkcs8_base64: string };
  readonly statements: readonly {
    readonly purpose: StatementPurpose;
    readonly members: Readonly<Record<string, unknown>> & { readonly timestamp: string };
    readonly body: SignedStatement;
  }[];
}

const vectors: StatementVectors = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/statements.json', import.meta.url), 'utf8'),
);

const now = Date.parse('2026-04-23T00:00:00Z');
const key = generateAgentKey();
const newKey = generateAgentKey();
const keys = { publicKey: key.publicKey, newPublicKey: newKey.publicKey };
const members = { agent_runtime_id: 'agent-1', end_tasks: true };
const sign = () => signStatement('key-change', members, { key, newKey }, { clock: () => now });
const verify = (
  signed: SignedStatement,
  at = now,
  purpose: 'key-change' | 'child-registration' = 'key-change',
) => verifyStatement(purpose, signed, keys, { clock: () => at });

describe('signStatement and verifyStatement', () => {
  it.each(vectors.statements)(
    'make and accept the vector of $purpose',
    async ({ purpose, members, body }) => {
      const key = readAgentKey(vectors.key.pkcs8_base64);
      const newKey = readAgentKey(vectors.new_key.pkcs8_base64);
      const { timestamp, ...others } = members;
      const clock = () => Date.parse(timestamp);
      expect(await signStatement(purpose, others, { key, newKey }, { clock })).toEqual(body);
      expect(readUnverifiedStatement(body)).toEqual(members);
      const publicKeys = { publicKey: key.publicKey, newPublicKey: newKey.publicKey };
      expect(() => verifyStatement(purpose, body, publicKeys, { clock })).not.toThrow();
    },
  );

  it('sign the bytes that are sent, with both keys', async () => {
    const signed = await sign();
    expect(Object.keys(signed)).toEqual(['statement', 'signature', 'new_key_signature']);
    expect(JSON.parse(Buffer.from(signed.statement, 'base64url').toString())).toEqual({
      ...members,
      timestamp: '2026-04-23T00:00:00Z',
    });
    const message = Buffer.from(`agent-identity-key-change:v1:${signed.statement}`);
    expect(key.publicKey.verify(message, Buffer.from(signed.signature, 'base64'))).toBe(true);
    expect(newKey.publicKey.verify(message, Buffer.from(signed.new_key_signature, 'base64'))).toBe(true);
    expect(() => verify(signed)).not.toThrow();
    expect(readUnverifiedStatement(signed)).toEqual({ ...members, timestamp: '2026-04-23T00:00:00Z' });
  });

  it('sign with a key outside of the process', async () => {
    const signer: AgentSigner = { publicKey: key.publicKey, sign: async (message) => key.sign(message) };
    const signed = await signStatement('key-change', members, { key: signer, newKey }, { clock: () => now });
    expect(signed).toEqual(await sign());
    const other: AgentSigner = { ...signer, sign: async (message) => newKey.sign(message) };
    await expect(signStatement('key-change', members, { key: other, newKey })).rejects.toMatchObject({
      code: 'signer_mismatch',
    });
  });

  it('refuse a statement for another purpose, other members, and each exchanged or missing signature', async () => {
    const signed = await sign();
    const other = await signStatement('key-change', { ...members, end_tasks: false }, { key, newKey });
    const changed: SignedStatement[] = [
      { ...signed, statement: other.statement },
      { ...signed, signature: signed.new_key_signature },
      { ...signed, new_key_signature: signed.signature },
      { ...signed, signature: '' },
      { ...signed, new_key_signature: other.new_key_signature },
    ];
    for (const one of changed)
      expect(thrownBy(() => verify(one))).toMatchObject({ code: 'invalid_signature' });
    expect(thrownBy(() => verify(signed, now, 'child-registration'))).toMatchObject({
      code: 'invalid_signature',
    });
  });

  it('refuse one that is too old or too far ahead', async () => {
    const signed = await sign();
    expect(() => verify(signed, now + 300_000)).not.toThrow();
    expect(thrownBy(() => verify(signed, now + 301_000))).toMatchObject({ code: 'statement_expired' });
    expect(thrownBy(() => verify(signed, now - 301_000))).toMatchObject({ code: 'statement_in_future' });
  });

  it.each([
    ['text', 'not base64url!'],
    ['padded base64', 'e30='],
    ['an array', Buffer.from('[]').toString('base64url')],
    ['null', Buffer.from('null').toString('base64url')],
    ['half an object', Buffer.from('{"a":').toString('base64url')],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe]).toString('base64url')],
  ])('refuse a statement that is %s, without quoting it', async (_what, statement) => {
    const error = thrownBy(() => verify({ statement, signature: '', new_key_signature: '' }));
    expect(error).toMatchObject({ code: 'malformed_statement' });
    expect(String(error)).not.toContain(statement);
  });

  it('refuse a statement without a time', async () => {
    const statement = Buffer.from('{"a":1}').toString('base64url');
    const message = Buffer.from(`agent-identity-key-change:v1:${statement}`);
    const signatureOf = (one: typeof key) => Buffer.from(one.sign(message)).toString('base64');
    const signed = { statement, signature: signatureOf(key), new_key_signature: signatureOf(newKey) };
    expect(thrownBy(() => verify(signed))).toMatchObject({ code: 'malformed_statement' });
  });
});
