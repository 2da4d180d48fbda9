import { readBoundedText, withDeadline } from 'agent-identity-core/http';
import type { ProviderResponse } from '../credentials/provider-credentials.js';

/** Error bodies are far smaller. A larger one counts as empty. */
const maxErrorBytes = 64 * 1024;

/** A refusal whose body takes longer counts as one without a body. */
const bodyTimeoutSeconds = 5;

/**
 * Converts a response for the credentials of its request. The body of a refusal is read from a copy, up to 64 KiB and for
 * at most 5 s, so the caller still gets the response unchanged.
 */
export function toProviderResponse(response: Response): ProviderResponse {
  return {
    status: response.status,
    date: response.headers.get('date'),
    body: () =>
      withDeadline({ timeoutSeconds: bodyTimeoutSeconds }, (signal) =>
        readBoundedText(response.clone(), maxErrorBytes, { signal }),
      ),
  };
}
