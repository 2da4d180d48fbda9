/**
 * axios with agent identity: a request hook that sets the headers of each request, and a response hook that sends a
 * request once more when its credentials say so. The same two steps fit any client with hooks.
 */
import axios, { type AxiosInstance, type InternalAxiosRequestConfig, isAxiosError } from 'axios';
import { credentialHeaderNames, type ProviderCredentials, type ResolvedProviderAuth } from 'provider-auth';

export function axiosClient(resolved: ResolvedProviderAuth): AxiosInstance {
  // axios would take our headers along on a redirect to another host.
  const client = axios.create({ baseURL: resolved.provider.baseUrl, maxRedirects: 0 });
  const made = new WeakMap<InternalAxiosRequestConfig, ProviderCredentials>();
  const repeats = new WeakMap<object, ProviderCredentials>();

  client.interceptors.request.use(async (config) => {
    await resolved.prepare();
    const url = client.getUri(config);
    const credentials = repeats.get(config.headers) ?? resolved.credentialsFor(url);
    // At another host the caller's headers are the caller's concern.
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
