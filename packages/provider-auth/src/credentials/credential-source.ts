import { fixedCredentials, type ProviderCredentials } from './provider-credentials.js';

/** The agent that acts, for telemetry. Contains no secrets. */
export interface ActingAgent {
  readonly agentRuntimeId: string;
  readonly taskId: string;
}

/** The kind of credentials that a provider's requests carry. */
export type CredentialKind =
  | 'agent_assertion'
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
