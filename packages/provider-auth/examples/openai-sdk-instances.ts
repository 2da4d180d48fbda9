/**
 * The `openai` SDK with runtime agent instances, the second generation of the protocol. The instance is registered at the
 * first request. Each request, and each retry of the SDK, carries an assertion of its own, or is not sent.
 */
import OpenAI from 'openai';
import {
  loadAuth,
  providerFetch,
  type RuntimeAgentInstancesOptions,
  type SessionAuth,
  sdkApiKeyPlaceholder,
} from 'provider-auth';

type Installation = Omit<RuntimeAgentInstancesOptions, 'mode'>;

/** Sends the API key as usual, and the assertion in `x-openai-agent-assertion`. */
export async function dualHeaderClient(
  apiKey: string,
  baseUrl: string,
  installation: Installation,
): Promise<OpenAI> {
  const runtimeAgentInstances = { ...installation, mode: 'dual_header' } as const;
  return clientOf(await loadAuth({ apiKey, runtimeAgentInstances }), baseUrl);
}

/** Sends the assertion as `Authorization`. The API key only registers the instance, and no request carries it. */
export async function assertionOnlyClient(
  apiKey: string,
  baseUrl: string,
  installation: Installation,
): Promise<OpenAI> {
  const runtimeAgentInstances = { ...installation, mode: 'assertion_only' } as const;
  return clientOf(await loadAuth({ apiKey, runtimeAgentInstances }), baseUrl);
}

function clientOf(auth: SessionAuth, baseUrl: string): OpenAI {
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: sdkApiKeyPlaceholder, // Required by the SDK, never sent.
    fetch: providerFetch(auth, { kind: 'first_party', baseUrl }),
  });
}
