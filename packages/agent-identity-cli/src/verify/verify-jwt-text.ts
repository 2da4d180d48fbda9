import { parseJson } from 'agent-identity-core/http';
import { printable } from 'agent-identity-core/terminal';
import {
  agentIdentityJwksUrl,
  type JwksSource,
  localJwks,
  remoteJwks,
  verifyAgentIdentityJwt,
} from 'agent-identity-jwt';
import type { CommandIo } from '../program/command-io.js';
import type { CommandResult } from '../program/print-result.js';
import { readTextFile } from '../program/read-input-text.js';
import type { VerifyOptions } from './verify-options.js';

/**
 * Verifies an Agent Identity JWT (docs/protocol.md section 7). The result contains no secret.
 *
 * @param jwt **Secret.**
 * @throws AgentIdentityError the codes of agent-identity-jwt
 */
export async function verifyJwtText(
  jwt: string,
  options: VerifyOptions,
  io: CommandIo,
): Promise<CommandResult> {
  const { leewaySeconds, at } = options;
  const jwks = await openJwks(options, io);
  const clock = at === undefined ? io.clock : () => at;
  const claims = await verifyAgentIdentityJwt(jwt, { jwks, leewaySeconds }, { clock });
  const { agent_private_key: _secret, ...shown } = claims;
  const expiresAt = new Date(claims.exp * 1000).toISOString();
  return {
    json: { valid: true, claims: shown },
    text: `Valid: the identity of ${printable(claims.agent_runtime_id)}, until ${expiresAt}.`,
  };
}

/** Opens the keys that JWTs are verified with: of a file, else of the JWKS URL. */
export async function openJwks(
  { jwksFile, jwtBaseUrl }: Pick<VerifyOptions, 'jwksFile' | 'jwtBaseUrl'>,
  io: CommandIo,
): Promise<JwksSource> {
  if (jwksFile !== undefined) return localJwks(parseJson(await readTextFile(jwksFile, io)));
  const base = jwtBaseUrl ?? (io.environment['CODEX_AGENT_IDENTITY_JWKS_BASE_URL']?.trim() || undefined);
  return remoteJwks(agentIdentityJwksUrl(base), {}, { fetch: io.fetch });
}
