import { readBoundedText } from 'agent-identity-core/http';
import type { ProviderAnswer } from '../request/request-credentials.js';
import { startTimer } from '../runtime-effects.js';

/** Error bodies are far smaller; what is larger says nothing that is known. */
const maxErrorBytes = 64 * 1024;

/** How long a refusal may take to tell its reason before it is handed on as it is. */
const bodyTimeLimitMilliseconds = 5_000;

/**
 * Tells what a response says to the credentials of its request. A refusal's body is read from a copy, up to 64 KiB and
 * for 5 s at most, so that the caller still gets the response as it came.
 */
export function answerOfResponse(response: Response): ProviderAnswer {
  return {
    status: response.status,
    date: response.headers.get('date'),
    body: () => readCopy(response),
  };
}

function readCopy(response: Response): Promise<string> {
  return new Promise((resolve, reject) => {
    const stopTimer = startTimer(bodyTimeLimitMilliseconds, () => resolve(''));
    readBoundedText(response.clone(), maxErrorBytes).then(resolve, reject).finally(stopTimer);
  });
}
