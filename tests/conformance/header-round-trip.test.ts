import {
  type AgentAssertion,
  createAgentAssertion,
  createAssertionSigner,
  formatAgentAssertion,
  generateAgentKey,
  isAgentIdentityError,
  parseAgentAssertion,
  verifyAgentAssertion,
} from 'agent-identity-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const agentKey = generateAgentKey();
const { publicKey } = agentKey;
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Ids of any Unicode text that is not blank. */
const id = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.base64String({ minLength: 1, maxLength: 60 }),
  )
  .filter((text) => text.trim() !== '' && text.isWellFormed());
const time = fc.integer({ min: 0, max: lastSecond });
const assertions = fc
  .tuple(id, id, time)
  .map(([agentRuntimeId, taskId, now]) =>
    createAgentAssertion({ agentKey, agentRuntimeId, taskId }, { clock: () => now }),
  );

/** Parses a header. Returns `undefined` if it is malformed and throws any other error. */
function tryParse(header: string): AgentAssertion | undefined {
  try {
    return parseAgentAssertion(header);
  } catch (error) {
    if (isAgentIdentityError(error) && error.code === 'malformed_assertion') return undefined;
    throw error;
  }
}

describe('an assertion header', () => {
  it('is the same from an assertion signer as from createAgentAssertion, for any sequence of seconds', () => {
    const times = fc.array(fc.oneof(time, fc.integer({ min: 0, max: 200_000 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(id, id, times, (agentRuntimeId, taskId, moments) => {
        let now = 0;
        const subject = { agentKey, agentRuntimeId, taskId };
        const signer = createAssertionSigner(subject, { clock: () => now });
        for (now of moments) {
          const assertion = createAgentAssertion(subject, { clock: () => now });
          expect(signer.authorizationHeader()).toBe(formatAgentAssertion(assertion));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('parses to the assertion that was formatted, and verifies', () => {
    fc.assert(
      fc.property(assertions, (assertion) => {
        const header = formatAgentAssertion(assertion);
        const read = parseAgentAssertion(header);
        expect(read).toEqual(assertion);
        expect(formatAgentAssertion(read)).toBe(header);
        verifyAgentAssertion(read, { publicKey }, { clock: () => Date.parse(assertion.timestamp) });
      }),
      { numRuns: 500 },
    );
  });

  it('with any one character replaced is refused, or is exactly the header of another assertion', () => {
    const character = fc.oneof(
      fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= .\n'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(assertions, fc.nat(4095), character, (assertion, position, other) => {
        const header = formatAgentAssertion(assertion);
        const at = position % header.length;
        const changed = header.slice(0, at) + other + header.slice(at + 1);
        const read = tryParse(changed);
        if (read === undefined) return;
        expect(formatAgentAssertion(read)).toBe(changed);
        const verify = () =>
          verifyAgentAssertion(read, { publicKey }, { clock: () => Date.parse(assertion.timestamp) });
        if (changed === header) verify();
        else
          expect(verify).toThrow(
            expect.objectContaining({ code: expect.stringMatching(/^(invalid_signature|assertion_)/) }),
          );
      }),
      { numRuns: 3000 },
    );
  });

  it('never verifies with any one character changed, removed or doubled', () => {
    const now = Date.UTC(2026, 3, 23);
    const subject = { agentKey, agentRuntimeId: 'agent-123', taskId: 'task-123' };
    const header = formatAgentAssertion(createAgentAssertion(subject, { clock: () => now }));
    let reads = 0;
    for (let at = 0; at < header.length; at += 1) {
      const character = header[at] as string;
      for (const other of ['', character + character, character === 'A' ? 'B' : 'A', '=']) {
        const read = tryParse(header.slice(0, at) + other + header.slice(at + 1));
        if (read === undefined) continue;
        reads += 1;
        expect(() => verifyAgentAssertion(read, { publicKey }, { clock: () => now })).toThrow();
      }
    }
    expect(reads).toBeGreaterThan(0);
  });

  it('of random bytes or random JSON is refused, or formats to itself', () => {
    const token = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(token, (text) => {
        const read = tryParse(`AgentAssertion ${text}`);
        if (read !== undefined) expect(formatAgentAssertion(read)).toBe(`AgentAssertion ${text}`);
      }),
      { numRuns: 2000 },
    );
  });
});
