import { useEffect, useState } from 'preact/hooks';

/** Where the user is: `#/agents/agent-1?status=active`. The fragment is not sent to the server. */
export interface Route {
  readonly page: string;
  /** The id of what the page is about, if it is about one thing. */
  readonly id: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

/** Returns the route, and renders again when it changes. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return parseRoute(hash);
}

/** Formats the link to a route. */
export function linkTo(page: string, id?: string, query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `#/${page}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${search}`;
}

function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page = '', id] = path.split('/').map(decode);
  return { page, id: id === '' ? undefined : id, query: Object.fromEntries(new URLSearchParams(search)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
