import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import type { AgentSigner, SignerWaitOptions } from '../agent-signer/agent-signer.js';
import { signWithSigner } from '../agent-signer/sign-outside.js';
import { requireSignature } from '../assertion/require-signature.js';
import { requireWithinWindow, type ValidityWindow } from '../assertion/require-within-window.js';
import { signMessage } from '../assertion/sign-message.js';
import { formatTimestamp } from '../assertion/timestamp.js';
import type { Clock } from '../clock.js';
import { decodeBase64Url, encodeBase64, encodeBase64Url } from '../encoding/base64.js';
import { decodeUtf8, encodeUtf8 } from '../encoding/utf8.js';
import { coreError, describeType } from '../errors.js';

/** What a runtime states. It is part of the signed bytes, so a statement counts for one purpose only. */
export type StatementPurpose = 'child-registration' | 'key-change';

/**
 * A statement of a runtime about a new key: a child's, or its own next one (docs/protocol.md section 13). What is signed is
 * what is sent, so nobody needs a canonical form of JSON. Nothing in it is secret.
 */
export interface SignedStatement {
  /** Base64url, without padding, of the JSON of the statement. */
  statement: string;
  /** Standard base64: by the key that the runtime has. */
  signature: string;
  /** Standard base64: by the new key, which proves that the agent holds it. */
  new_key_signature: string;
}

/** A key in this process, or one outside of it. */
export type StatementKey = { sign(message: Uint8Array): Uint8Array } | AgentSigner;

/** The keys that sign a statement. */
export interface StatementKeys {
  /** The key that is registered for the runtime. */
  readonly key: StatementKey;
  readonly newKey: StatementKey;
}

/** The bytes that both keys sign. They have no colon at the end, where assertions have a time, so neither is ever the other. */
function statementMessage(purpose: StatementPurpose, statement: string): Uint8Array {
  return encodeUtf8(`agent-identity-${purpose}:v1:${statement}`);
}

/**
 * Signs a statement for the current second with the key of the runtime and with the new key (docs/protocol.md section 13).
 *
 * @param members The members of the statement besides `timestamp`; `JSON.stringify` must keep them.
 * @throws AgentIdentityError `invalid_argument`; with an `AgentSigner` also `signer_unavailable`, `signer_timed_out`, `signer_mismatch`
 * @example
 * ```ts
 * import { generateAgentKey, signStatement } from 'agent-identity-core';
 *
 * const newKey = generateAgentKey();
 * const members = { agent_runtime_id: 'agent-1', agent_public_key: newKey.publicKey.ssh, end_tasks: true };
 * const body = await signStatement('key-change', members, { key: generateAgentKey(), newKey });
 * ```
 */
export async function signStatement(
  purpose: StatementPurpose,
  members: Readonly<Record<string, unknown>>,
  { key, newKey }: StatementKeys,
  { clock = Date.now, signal }: SignerWaitOptions & { readonly clock?: Clock | undefined } = {},
): Promise<SignedStatement> {
  const json = JSON.stringify({ ...members, timestamp: formatTimestamp(clock()) });
  const statement = encodeBase64Url(encodeUtf8(json));
  const message = statementMessage(purpose, statement);
  const sign = async (one: StatementKey) =>
    'publicKey' in one && !('toPkcs8Base64' in one)
      ? encodeBase64(await signWithSigner(one as AgentSigner, message, { signal }))
      : signMessage(one as { sign(message: Uint8Array): Uint8Array }, message);
  return { statement, signature: await sign(key), new_key_signature: await sign(newKey) };
}

/**
 * Returns the members of a statement, **not verified**: look up the keys that they name, then call `verifyStatement`.
 *
 * @throws AgentIdentityError `malformed_statement`
 * @example
 * ```ts
 * import { readUnverifiedStatement, type SignedStatement } from 'agent-identity-core';
 *
 * const readName = (signed: SignedStatement) => readUnverifiedStatement(signed)['agent_public_key'];
 * ```
 */
export function readUnverifiedStatement({ statement }: SignedStatement): Record<string, unknown> {
  const bytes = typeof statement === 'string' ? decodeBase64Url(statement) : undefined;
  const text = bytes && decodeUtf8(bytes);
  if (text !== undefined) {
    try {
      const members: unknown = JSON.parse(text);
      if (typeof members === 'object' && members !== null && !Array.isArray(members)) return { ...members };
    } catch {
      // Falls through: the parser's message would quote the text.
    }
  }
  throw coreError(
    'malformed_statement',
    `statement: expected base64url of the JSON of an object, got ${describeType(statement)}`,
  );
}

/** The keys of a statement, and how old it may be. */
export interface VerifyStatementOptions extends ValidityWindow {
  /** The key that is registered for the runtime. */
  readonly publicKey: AgentPublicKey;
  /** The key that the statement is about. */
  readonly newPublicKey: AgentPublicKey;
}

/**
 * Verifies both signatures of a statement, and then its age.
 *
 * @throws AgentIdentityError `malformed_statement`, `invalid_signature`, `statement_expired`, `statement_in_future`, `invalid_argument`
 * @example
 * ```ts
 * import { generateAgentKey, signStatement, verifyStatement } from 'agent-identity-core';
 *
 * const key = generateAgentKey();
 * const newKey = generateAgentKey();
 * const signed = await signStatement('key-change', { agent_runtime_id: 'agent-1' }, { key, newKey });
 * verifyStatement('key-change', signed, { publicKey: key.publicKey, newPublicKey: newKey.publicKey });
 * ```
 */
export function verifyStatement(
  purpose: StatementPurpose,
  signed: SignedStatement,
  { publicKey, newPublicKey, maxAgeSeconds, leewaySeconds }: VerifyStatementOptions,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): void {
  const { timestamp } = readUnverifiedStatement(signed);
  const message = statementMessage(purpose, signed.statement);
  requireSignature(publicKey, message, signed.signature);
  requireSignature(newPublicKey, message, signed.new_key_signature);
  if (typeof timestamp !== 'string') {
    throw coreError('malformed_statement', `timestamp: expected a string, got ${describeType(timestamp)}`);
  }
  requireWithinWindow('statement', timestamp, clock, { maxAgeSeconds, leewaySeconds });
}
