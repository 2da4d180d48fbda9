import { createPublicKey, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import {
  createAgentAssertion,
  formatAgentAssertion,
  generateAgentKey,
  parseAgentAssertion,
  verifyAgentAssertion,
} from 'agent-identity-core';
import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
import nacl from 'tweetnacl';
import type { Operation } from './measure.js';

const agentRuntimeId = 'agent-1f0c2a3b-6a51-4f1e-9a2d-5f3f0a7c9e11';
const taskId = 'task-9b1d7e52-0c54-4d55-8e0a-0d6d8a3d7f42';
const accountId = 'account-1';
const agentKey = generateAgentKey();
const { publicKey } = agentKey;
const now = Date.parse('2026-04-23T00:00:00Z');
const clock = () => now;

/** One assertion per second of the ten-minute window, all different. */
const assertions = Array.from({ length: 600 }, (_, second) =>
  createAgentAssertion({ agentKey, agentRuntimeId, taskId }, { clock: () => now + (second - 300) * 1000 }),
);
const headers = assertions.map(formatAgentAssertion);
const signed = assertions.map(({ timestamp, signature }) => ({
  message: Buffer.from(`${agentRuntimeId}:${taskId}:${timestamp}`),
  signature: Buffer.from(signature, 'base64'),
}));

const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey.bytes]);
const nodeKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
const directory = memoryDirectory();
directory.putAgentRuntime({ agentRuntimeId, publicKey, accountId });
directory.putAgentTask({ agentRuntimeId, taskId });

const rawVerify = cycle(signed, ({ message, signature }) => verify(null, message, nodeKey, signature));

/** Operations that verify a different assertion at each call. */
export const distinctAssertions: Readonly<Record<string, Operation>> = {
  'node:crypto verify, decoded bytes': rawVerify,
  'agent-identity-core, parse and verify the header': cycle(headers, (header) =>
    verifyAgentAssertion(parseAgentAssertion(header), { publicKey }, { clock }),
  ),
  'agent-identity-verifier, with a directory': distinctByVerifier(),
  'tweetnacl verify, decoded bytes': cycle(signed, ({ message, signature }) =>
    nacl.sign.detached.verify(message, signature, publicKey.bytes),
  ),
  'noble verify, decoded bytes': cycle(signed, ({ message, signature }) =>
    ed25519.verify(signature, message, publicKey.bytes),
  ),
};

const verifier = createAssertionVerifier({ directory }, { clock });

/** Operations that verify one assertion repeatedly, as real clients repeat it within its second. */
export const repeatedAssertions: Readonly<Record<string, Operation>> = {
  'node:crypto verify, decoded bytes': rawVerify,
  'agent-identity-verifier, repeated header': () => verifier.verify(headers[0], { accountId }),
};

const envelopes = headers.map((header) => header.slice('AgentAssertion '.length));
const envelopeTexts = envelopes.map((envelope) => Buffer.from(envelope, 'base64url').toString());

/** Operations that parse an assertion without verifying it. */
export const parsing: Readonly<Record<string, Operation>> = {
  'JSON.parse of the decoded envelope': cycle(envelopeTexts, (text) => JSON.parse(text)),
  'parseAgentAssertion of the header': cycle(headers, (header) => parseAgentAssertion(header)),
};

/** Uses a verifier whose cache is too small to hold any assertion until it comes again. */
function distinctByVerifier(): Operation {
  const uncached = createAssertionVerifier({ directory, maxCachedAssertions: 1 }, { clock });
  return cycle(headers, (header) => uncached.verify(header, { accountId }));
}

/** Returns an operation that uses the next item at each call, forever. */
function cycle<Item>(items: readonly Item[], use: (item: Item) => unknown): Operation {
  let next = 0;
  return () => {
    next = (next + 1) % items.length;
    return use(items[next] as Item);
  };
}
