/** The domain of every public region of Genesys Cloud, by the name that AWS gives the region. No rule leads from one to the other. */
export const genesysDomains: Readonly<Record<string, string>> = {
  "us-east-1": "mypurecloud.com",
  "us-east-2": "use2.us-gov-pure.cloud",
  "us-west-2": "usw2.pure.cloud",
  "ca-central-1": "cac1.pure.cloud",
  "sa-east-1": "sae1.pure.cloud",
  "mx-central-1": "mxc1.pure.cloud",
  "eu-west-1": "mypurecloud.ie",
  "eu-west-2": "euw2.pure.cloud",
  "eu-central-1": "mypurecloud.de",
  "eu-central-2": "euc2.pure.cloud",
  "eusc-de-east-1": "edee1.eusc-pure.cloud",
  "me-central-1": "mec1.pure.cloud",
  "ap-northeast-1": "mypurecloud.jp",
  "ap-northeast-2": "apne2.pure.cloud",
  "ap-northeast-3": "apne3.pure.cloud",
  "ap-south-1": "aps1.pure.cloud",
  "ap-southeast-1": "apse1.pure.cloud",
  "ap-southeast-2": "mypurecloud.com.au"
}

/** The domain of a region by its name, or of a domain itself; undefined for what is neither. */
export const genesysDomainOf = (regionOrDomain: string): string | undefined =>
  Object.hasOwn(genesysDomains, regionOrDomain)
    ? genesysDomains[regionOrDomain]
    : Object.values(genesysDomains).find((domain) => domain === regionOrDomain)
