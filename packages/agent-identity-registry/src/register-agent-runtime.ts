import type { AgentPublicKey } from 'agent-identity-core';
import type { HttpEffects, SecureUrlOptions } from 'agent-identity-core/http';
import type { AgentBillOfMaterials } from 'agent-identity-core/wire';

/** What registers an agent runtime (protocol section 4). */
export interface AgentRuntimeRegistration extends SecureUrlOptions {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** **Secret**: the ChatGPT access token; it also tells the account. */
  readonly accessToken: string;
  /** Whether the account is a FedRAMP one. */
  readonly isFedramp: boolean;
  /** The public half of the key that the runtime will sign with. */
  readonly publicKey: AgentPublicKey;
  /** What registers, and where it runs. */
  readonly abom: AgentBillOfMaterials;
  /** `['responsesapi']` by default. */
  readonly capabilities?: readonly string[] | undefined;
  /** How long the registration is asked to live, in whole seconds; no end by default. */
  readonly ttlSeconds?: number | null | undefined;
  /** How long one attempt may take, in seconds, the reading of its answer included; 15 by default. */
  readonly timeLimitSeconds?: number | undefined;
}

export async function registerAgentRuntime(
  _registration: AgentRuntimeRegistration,
  _effects: HttpEffects = {},
): Promise<string> {
  throw new Error('not built yet');
}
