import {
  createInstanceAssertion,
  createInstanceAssertionSigner,
  generateAgentKey,
  type InstanceAssertion,
  isAgentIdentityError,
  parseInstanceAssertion,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const agentKey = generateAgentKey();
const { publicKey } = agentKey;

/** Instance ids of any Unicode text that is not empty. */
const instanceId = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.uuid().map((uuid) => `rai-${uuid}`),
  )
  .filter((text) => text.isWellFormed());
const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
const assertions = fc.tuple(instanceId, time).map(([runtimeAgentInstanceId, now]) => ({
  runtimeAgentInstanceId,
  now,
  assertion: createInstanceAssertion({ agentKey, runtimeAgentInstanceId }, { clock: () => now }),
}));

/** Parses an assertion. Returns `undefined` if it is malformed and throws any other error. */
function tryParse(value: string): InstanceAssertion | undefined {
  try {
    return parseInstanceAssertion(value);
  } catch (error) {
    if (isAgentIdentityError(error, 'malformed_instance_assertion')) return undefined;
    throw error;
  }
}

/** Formats an assertion in the plain way, as an independent comparison. */
function format({ runtimeAgentInstanceId, issuedAtSeconds, id, signature }: InstanceAssertion): string {
  const header = { alg: 'EdDSA', typ: 'openai-agent-assertion+jws' };
  const claims = { version: 1, runtime_agent_instance: runtimeAgentInstanceId, iat: issuedAtSeconds, id };
  const [first, second] = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `1.${first}.${second}.${signature}`;
}

describe('an instance assertion', () => {
  it('parses to what was signed, formats to itself, and verifies', () => {
    fc.assert(
      fc.property(assertions, ({ runtimeAgentInstanceId, now, assertion }) => {
        const read = parseInstanceAssertion(assertion);
        expect(read.runtimeAgentInstanceId).toBe(runtimeAgentInstanceId);
        expect(read.issuedAtSeconds).toBe(Math.floor(now / 1000));
        expect(format(read)).toBe(assertion);
        verifyInstanceAssertion(read, { publicKey }, { clock: () => now });
      }),
      { numRuns: 500 },
    );
  });

  it('has an id that no other one has, for any number of signers and calls within one second', () => {
    const seen = new Set<string>();
    let count = 0;
    fc.assert(
      fc.property(instanceId, fc.integer({ min: 1, max: 100 }), (runtimeAgentInstanceId, calls) => {
        const signer = createInstanceAssertionSigner(
          { agentKey: { sign: () => new Uint8Array(64) }, runtimeAgentInstanceId },
          { clock: () => 0 },
        );
        for (let call = 0; call < calls; call += 1) {
          seen.add(parseInstanceAssertion(signer.assertion()).id);
          count += 1;
          expect(seen.size).toBe(count);
        }
      }),
      { numRuns: 500 },
    );
    expect(count).toBeGreaterThan(10_000);
  });

  it('with any one character replaced is refused', () => {
    const character = fc.oneof(
      fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= .\n'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(assertions, fc.nat(8191), character, ({ assertion, now }, position, other) => {
        const at = position % assertion.length;
        const changed = assertion.slice(0, at) + other + assertion.slice(at + 1);
        fc.pre(changed !== assertion);
        const read = tryParse(changed);
        if (read === undefined) return;
        expect(format(read)).toBe(changed);
        expect(() => verifyInstanceAssertion(read, { publicKey }, { clock: () => now })).toThrow(
          expect.objectContaining({ code: 'invalid_signature' }),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('with any one character changed, removed or doubled never verifies', () => {
    const now = Date.UTC(2026, 10, 25);
    const subject = { agentKey, runtimeAgentInstanceId: 'rai-4aad5ea6-6461-405c-984b-2a82cef7038a' };
    const assertion = createInstanceAssertion(subject, { clock: () => now });
    let reads = 0;
    for (let at = 0; at < assertion.length; at += 1) {
      const character = assertion[at] as string;
      for (const other of ['', character + character, character === 'A' ? 'B' : 'A', '=']) {
        const read = tryParse(assertion.slice(0, at) + other + assertion.slice(at + 1));
        if (read === undefined) continue;
        reads += 1;
        expect(() => verifyInstanceAssertion(read, { publicKey }, { clock: () => now })).toThrow();
      }
    }
    expect(reads).toBeGreaterThan(0);
  });

  it('of random bytes or random JSON is refused, or formats to itself', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc.string({ unit: 'binary' }),
    );
    const header = 'eyJhbGciOiJFZERTQSIsInR5cCI6Im9wZW5haS1hZ2VudC1hc3NlcnRpb24randzIn0';
    fc.assert(
      fc.property(fc.oneof(fc.constant(header), part), part, part, (first, second, third) => {
        const text = `1.${first}.${second}.${third}`;
        const read = tryParse(text);
        if (read !== undefined) expect(format(read)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});
