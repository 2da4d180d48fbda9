import { texts } from '../texts.js';

/** The authority refused a request. The message is its own. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Requests to the administration API of the authority that serves the page. */
export interface Api {
  get<Body>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<Body>;
  post<Body>(path: string, body?: object): Promise<Body>;
  readText(path: string): Promise<string>;
  readBytes(path: string): Promise<Uint8Array>;
}

/**
 * Creates the requests of a session. The token stays in this closure: it is sent in a header, and kept nowhere.
 *
 * @param options.token **Secret.**
 * @param options.onTokenRefused Called when the authority does not accept the token, for example after it was replaced.
 */
export function createApi(options: { readonly token: string; readonly onTokenRefused: () => void }): Api {
  const { token, onTokenRefused } = options;
  // The page is at BASE_PATH/console/.
  const base = new URL('../', new URL(location.pathname, location.origin));
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(new URL(path, base), {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    }).catch(() => {
      throw new RefusedError(0, texts.errors.noAnswer);
    });
    if (response.ok) return response;
    if (response.status === 401) onTokenRefused();
    throw new RefusedError(response.status, await readRefusal(response));
  };
  return {
    get: async (path, query = {}) => (await send(`${path}${toSearch(query)}`)).json(),
    async post(path, body = {}) {
      const headers = { 'content-type': 'application/json' };
      const response = await send(path, { method: 'POST', headers, body: JSON.stringify(body) });
      return response.json();
    },
    readText: async (path) => (await send(path)).text(),
    readBytes: async (path) => new Uint8Array(await (await send(path)).arrayBuffer()),
  };
}

/** Why a request failed, in words. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toSearch(query: Readonly<Record<string, string | undefined>>): string {
  const members = Object.entries(query).filter(
    (member): member is [string, string] => member[1] !== undefined && member[1] !== '',
  );
  return members.length === 0 ? '' : `?${new URLSearchParams(members)}`;
}

async function readRefusal(response: Response): Promise<string> {
  const { error }: { error?: { code?: unknown; message?: unknown } } = await response
    .json()
    .catch(() => ({}));
  if (typeof error?.message !== 'string') return texts.errors.status(response.status);
  return texts.errors.refused(error.message, String(error.code));
}
