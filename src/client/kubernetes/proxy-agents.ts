/** Loaded where there is a proxy: the libraries are large. */
export { HttpsProxyAgent } from 'https-proxy-agent';
export { SocksProxyAgent } from 'socks-proxy-agent';
