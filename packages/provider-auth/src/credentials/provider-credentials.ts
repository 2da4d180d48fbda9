/** A provider's response, as far as credentials are concerned. Any HTTP client can supply it. */
export interface ProviderResponse {
  readonly status: number;
  /** The `Date` header. */
  readonly date?: string | null | undefined;
  /**
   * Returns the body, as JSON text or parsed. Called for refusals only. A body that is something else, or that cannot be
   * read, counts as empty.
   */
  readonly body?: (() => unknown) | undefined;
}

/** The credentials of one request, created now. Do not reuse them for another request. */
export interface ProviderCredentials {
  /** **Secret.** Set these on the request. Empty for a URL that is not the provider's. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether `afterResponse` may ask for a retry, so that the request body is worth keeping. */
  readonly mayRetry: boolean;
  /**
   * For connections that outlive their handshake: aborts when the connection's task is replaced (`task_replaced`) or its
   * runtime is gone (`agent_runtime_deleted`, `invalid_agent_runtime_id`), or when the runtime agent instance has ended
   * (`runtime_instance_revoked`, `runtime_assertion_invalid`). Never aborts for credentials without either.
   */
  readonly closeSignal: AbortSignal;
  /**
   * Evaluates the response: replaces a task that the server no longer knows, corrects the run's clock, refreshes a
   * ChatGPT token, and remembers that a runtime is deleted (docs/protocol.md sections 9 and 11) or a runtime agent
   * instance refused (docs/protocol-instances.md section 6).
   *
   * @returns other credentials to retry the same request with, at most once per reason; `undefined` if the response is
   * final
   * @throws the reason of `signal` if it aborts; work that other callers share continues. `signer_unavailable`,
   * `signer_timed_out` and `signer_mismatch` if the retry could not be signed
   */
  afterResponse(
    response: ProviderResponse,
    effects?: { readonly signal?: AbortSignal | null | undefined },
  ): Promise<ProviderCredentials | undefined>;
  /** Returns fresh credentials for a redirect to another URL of the same provider. Await `prepare` first. */
  forRedirect(): ProviderCredentials;
}

/** Credentials that no response changes: a key, a token, or none at all. */
export function fixedCredentials(headers: Readonly<Record<string, string>>): ProviderCredentials {
  const credentials: ProviderCredentials = {
    headers,
    mayRetry: false,
    closeSignal: new AbortController().signal,
    afterResponse: async () => undefined,
    forRedirect: () => credentials,
  };
  return credentials;
}
