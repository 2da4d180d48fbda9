import { decodeUnverifiedJwtPayload, looksLikeJwt, parseJson } from 'agent-identity-core/http';
import {
  type AgentIdentityRecord,
  agentIdentityClaimsSchema,
  agentIdentityRecordSchema,
  explainSchemaError,
} from 'agent-identity-core/wire';

/** An agent identity that was found in a text. */
export interface FoundIdentity {
  readonly form: 'jwt' | 'record';
  /** Where it was: such as `accounts[1].agent_identity`; empty for the text itself. */
  readonly place: string;
  /** **Secret.** */
  readonly identity: string | AgentIdentityRecord;
  readonly agentRuntimeId: string;
  readonly accountId: string;
}

/** What looked like an identity and is none. Contains no secret. */
interface FlawedIdentity {
  readonly form: 'jwt' | 'record';
  readonly place: string;
  readonly flaw: string;
}

/** What was found in a text, in its order. */
export interface FoundIdentities {
  readonly found: readonly FoundIdentity[];
  readonly flawed: readonly FlawedIdentity[];
}

/** Deeper than any real file. */
const maxDepth = 8;

/**
 * Finds agent identities in a text: a JWT; a record, alone, in an `auth.json`, or in any other wrapping; several of them in a
 * JSON document, or one to a line. Nothing is verified.
 *
 * @param text **Secret.**
 */
export function findIdentities(text: string): FoundIdentities {
  const found: FoundIdentity[] = [];
  const flawed: FlawedIdentity[] = [];
  const add = (result: FoundIdentity | FlawedIdentity) =>
    'flaw' in result ? flawed.push(result) : found.push(result);
  const document = parseJson(text);
  const parts = document === undefined ? text.split(/\r?\n/) : [document];
  for (const [index, part] of parts.entries()) {
    const place = parts.length > 1 ? `line ${index + 1}` : '';
    const value = typeof part === 'string' ? (parseJson(part) ?? part.trim()) : part;
    walk(value, place, 0, add);
  }
  return { found, flawed };
}

function walk(
  value: unknown,
  place: string,
  depth: number,
  add: (result: FoundIdentity | FlawedIdentity) => void,
): void {
  if (typeof value === 'string') {
    const result = looksLikeJwt(value) ? readJwt(value, place) : undefined;
    if (result !== undefined) add(result);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > maxDepth) return;
  if ('agent_private_key' in value) {
    add(readRecord(value, place));
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    walk(member, placeOf(place, name, Array.isArray(value)), depth + 1, add);
  }
}

function placeOf(place: string, name: string, isIndex: boolean): string {
  if (isIndex) return `${place}[${name}]`;
  return place === '' ? name : `${place}.${name}`;
}

function readRecord(value: object, place: string): FoundIdentity | FlawedIdentity {
  const { data, error } = agentIdentityRecordSchema.safeParse(value);
  if (data === undefined) return { form: 'record', place, flaw: explainSchemaError(error, value) };
  const { agent_runtime_id: agentRuntimeId, account_id: accountId } = data;
  return { form: 'record', place, identity: data, agentRuntimeId, accountId };
}

/** Other JWTs, such as the tokens of a ChatGPT login, are no identities. */
function readJwt(jwt: string, place: string): FoundIdentity | FlawedIdentity | undefined {
  const payload = decodeUnverifiedJwtPayload(jwt);
  if (payload === undefined || !('agent_private_key' in payload)) return undefined;
  const { data, error } = agentIdentityClaimsSchema.safeParse(payload);
  if (data === undefined) return { form: 'jwt', place, flaw: explainSchemaError(error, payload) };
  const { agent_runtime_id: agentRuntimeId, account_id: accountId } = data;
  return { form: 'jwt', place, identity: jwt, agentRuntimeId, accountId };
}
