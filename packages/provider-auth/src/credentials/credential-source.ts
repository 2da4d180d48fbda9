import { fixedCredentials, type ProviderCredentials } from './provider-credentials.js';

/** The agent that acts, for telemetry. Contains no secrets. */
export interface ActingAgent {
  readonly agentRuntimeId: string;
  readonly taskId: string;
}

/** The runtime agent instance that acts, for telemetry (docs/protocol-instances.md). Contains no secrets. */
export interface ActingInstance {
  /** The generation of the protocol. */
  readonly generation: 2;
  readonly runtimeAgentInstanceId: string;
  readonly agentHostId: string;
  readonly actorKind: 'chatgpt' | 'platform';
}

/** The kind of credentials that a provider's requests carry. */
export type CredentialKind =
  | 'agent_assertion'
  | 'instance_assertion'
  | 'chatgpt_bearer'
  | 'api_key'
  | 'personal_access_token'
  | 'provider_credential'
  | 'none';

/** Creates the credentials for the requests to one provider. */
export interface CredentialSource {
  readonly kind: CredentialKind;
  /** Why these credentials were chosen: a human-readable sentence. */
  readonly reason: string;
  /** `undefined` unless an agent identity signs. */
  readonly actingAgent: ActingAgent | undefined;
  /** `undefined` unless a runtime agent instance signs. */
  readonly actingInstance?: ActingInstance | undefined;
  /** Refreshes what has to be requested first, such as a ChatGPT access token. */
  prepare(signal: AbortSignal | null | undefined): Promise<void>;
  /** Creates the credentials of one request. Synchronous. */
  credentials(): ProviderCredentials;
}

/** Creates a source that gives every request the same headers. */
export function fixedSource(
  kind: CredentialKind,
  reason: string,
  headers: Readonly<Record<string, string>>,
): CredentialSource {
  const credentials = fixedCredentials(Object.freeze({ ...headers }));
  return {
    kind,
    reason,
    actingAgent: undefined,
    prepare: async () => {},
    credentials: () => credentials,
  };
}
