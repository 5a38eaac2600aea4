import { assert, describe, it } from "@effect/vitest"
import { genesysDomainOf, genesysDomains } from "../../src/genesys/regions.ts"

/** Written down a second time: a letter that is wrong sends credentials to another host. */
const domains = {
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

describe("the domain of a region", () => {
  it.each(Object.entries(domains))("%s is %s, by either name", (region, domain) => {
    assert.strictEqual(genesysDomainOf(region), domain)
    assert.strictEqual(genesysDomainOf(domain), domain)
  })

  it("is none for what is no region and no domain", () => {
    for (const name of ["", "mars-1", "example.org", "toString"]) assert.isUndefined(genesysDomainOf(name), name)
    assert.deepStrictEqual(genesysDomains, domains)
  })
})
