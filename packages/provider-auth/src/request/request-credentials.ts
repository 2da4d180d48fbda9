/** What a provider answered, as far as credentials go. Any HTTP client can tell it. */
export interface ProviderAnswer {
  readonly status: number;
  /** The `Date` header. */
  readonly date?: string | null | undefined;
  /**
   * Gives the body: JSON text, or the value that it stands for. Called for refusals only; whatever else comes, or a
   * failure, counts as a body that says nothing.
   */
  readonly body?: (() => unknown) | undefined;
}

/** The credentials of one request, made now. Do not keep them for another. */
export interface ProviderCredentials {
  /** **Secret**: to be set on the request; empty at a URL that is not the provider's. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether `afterAnswer` may ask for the request again, so that its body is worth keeping. */
  readonly mayRepeat: boolean;
  /**
   * For connections that outlive their handshake: aborted when the task that they were opened under is replaced
   * (`task_replaced`) or its runtime has ended. Never aborted for credentials that are not of a task.
   */
  readonly closeSignal: AbortSignal;
  /**
   * Learns from the answer: a task that the server no longer knows is replaced, a clock that is off is corrected, a
   * deleted runtime is remembered (docs/protocol.md section 11).
   *
   * @returns other credentials to send the same request with, once more; `undefined` to take the answer as it is.
   * Each reason gives them once.
   * @throws the reason of `signal`, when that is aborted while waiting; what others wait for goes on
   */
  afterAnswer(
    answer: ProviderAnswer,
    effects?: { readonly signal?: AbortSignal | null | undefined },
  ): Promise<ProviderCredentials | undefined>;
  /** The credentials for a URL of the same provider that the request was redirected to. */
  forRedirect(url: URL): ProviderCredentials;
}

/** A signal of connections that nothing tells to close. */
const neverAborted: AbortSignal = new AbortController().signal;

/** Credentials that do not depend on what is answered: a key, a bearer token, or none at all. */
export function plainCredentials(headers: Readonly<Record<string, string>>): ProviderCredentials {
  const credentials: ProviderCredentials = {
    headers,
    mayRepeat: false,
    closeSignal: neverAborted,
    afterAnswer: async () => undefined,
    forRedirect: () => credentials,
  };
  return credentials;
}
