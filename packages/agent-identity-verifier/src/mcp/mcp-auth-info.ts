import { invalidArgument, requireKnownOptions, requireObject } from 'agent-identity-core/http';
import type { VerifiedAgent } from '../verified-agent.js';

/** What a Model Context Protocol server learns of the caller: the `AuthInfo` of `@modelcontextprotocol/sdk`. No member is secret. */
export interface McpAuthInfo {
  /** Always empty: an assertion is for one service and one moment, so tools have nothing to pass on. */
  token: string;
  /** The id of the agent runtime or of the instance. */
  clientId: string;
  scopes: string[];
  /** Seconds since the Unix epoch. */
  expiresAt: number;
  extra: { agent: VerifiedAgent };
}

/** Options for `mcpAuthInfo`. */
export interface McpAuthInfoOptions {
  /** What the server allows this agent, for tools that ask for a scope. Default: the agent's capabilities. */
  readonly scopes?: readonly string[] | undefined;
  /** The `maxAgeSeconds` of the verifier. Default: 300. */
  readonly maxAgeSeconds?: number | undefined;
}

/**
 * Converts a verified agent for a Model Context Protocol server on Streamable HTTP, whose tools get it as `extra.authInfo`.
 *
 * A session of the server belongs to the agent that began it: compare `clientId` at each request. The task may change during
 * a session, because a client replaces a task that ended.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { withAgent } from 'agent-identity-verifier/fetch';
 * import { type McpAuthInfo, mcpAuthInfo } from 'agent-identity-verifier/mcp';
 *
 * interface Transport {
 *   handleRequest(request: Request, options: { authInfo: McpAuthInfo }): Promise<Response>;
 * }
 *
 * const createHandler = (verifier: AssertionVerifier, transport: Transport) =>
 *   withAgent(verifier, (request, agent) => transport.handleRequest(request, { authInfo: mcpAuthInfo(agent) }));
 * ```
 */
export function mcpAuthInfo(agent: VerifiedAgent, options: McpAuthInfoOptions = {}): McpAuthInfo {
  requireObject(agent, 'agent');
  requireKnownOptions(options, ['scopes', 'maxAgeSeconds'], 'options');
  const { scopes = agent.capabilities, maxAgeSeconds = 300 } = options;
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string')) {
    throw invalidArgument('scopes', 'a list of strings', scopes);
  }
  if (!Number.isSafeInteger(maxAgeSeconds) || maxAgeSeconds < 0) {
    throw invalidArgument('maxAgeSeconds', 'a whole number, 0 or more', maxAgeSeconds);
  }
  return {
    token: '',
    clientId: agent.generation === 1 ? agent.agentRuntimeId : agent.runtimeAgentInstanceId,
    scopes: [...scopes],
    expiresAt: Math.floor(Date.parse(agent.signedAt) / 1000) + maxAgeSeconds,
    extra: { agent },
  };
}
