/**
 * axios with agent identity: a request hook sets the headers of each request, and a response hook retries a request if its
 * credentials say so. The same two steps fit any client with hooks.
 */
import axios, { type AxiosInstance, type InternalAxiosRequestConfig, isAxiosError } from 'axios';
import { credentialHeaderNames, type ProviderCredentials, type ResolvedProviderAuth } from 'provider-auth';

export function axiosClient(resolved: ResolvedProviderAuth): AxiosInstance {
  // axios would send the headers to the target of a redirect too.
  const client = axios.create({ baseURL: resolved.provider.baseUrl, maxRedirects: 0 });
  const made = new WeakMap<InternalAxiosRequestConfig, ProviderCredentials>();
  const repeats = new WeakMap<object, ProviderCredentials>();

  client.interceptors.request.use(async (config) => {
    await resolved.prepare();
    const url = client.getUri(config);
    const credentials = repeats.get(config.headers) ?? resolved.credentialsFor(url);
    // The caller's headers for other hosts stay unchanged.
    if (resolved.covers(url)) config.headers.delete([...credentialHeaderNames]);
    config.headers.set({ ...credentials.headers });
    made.set(config, credentials);
    return config;
  });

  client.interceptors.response.use(undefined, async (error: unknown) => {
    if (!isAxiosError(error) || error.response === undefined) throw error;
    const { config, status, headers, data } = error.response;
    const next = await made.get(config)?.afterResponse({ status, date: headers['date'], body: () => data });
    if (next === undefined) throw error;
    repeats.set(config.headers, next);
    return client.request(config);
  });
  return client;
}
