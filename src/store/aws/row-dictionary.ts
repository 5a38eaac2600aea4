/*
 * What rows' registers have in common, so that a deflated row need not spell it out: names of registers as the projections here give
 * them, words of Genesys, and the shape of the text. Made by hand of public words; no value of anybody is in it. A stored row needs the
 * dictionary that it was written with for ever: never change one, add another with a number of its own (`packed-registers.ts`).
 */

const make = (): Uint8Array => {
  const media = ["call", "callback", "chat", "email", "message", "socialExpression", "video"]
  const zero = '{"active":0,"acw":0}'

  const observations = [
    '["stats.oOnQueueUsers"],["stats.oOffQueueUsers"],["stats.oActiveUsers","stats.nOffered","stats.nTransferred"],["stats.tAnswered","stats.tAbandon","stats.tHandle"]',
    ',{"interval":{"end":1778000000000,"start":1778000000000},"stats":{"count":,"max":,"sum":}}],[["stats.oServiceLevel"],{"stats":{"denominator":,"numerator":,"ratio":0.8,"target":0.8}}]',
    '[[["stats.oAlerting","stats.oWaiting"],1,0,{"stats":{"count":0}}],[["stats.oInteracting"],1,0,{"stats":{"count":1}}],[["stats.oLongestWaiting"],1,0,{"stats":{"calculatedMetricValue":,"count":1}}],[["stats.oWaiting"],1,0,{"stats":{"count":1}}]'
  ]

  const conversations = [
    '["@customerGone"],["over"],["acd [null,\\"\u00010\\"]"],["acdEnd [null,\\"\u00010\\"]"],{"answeredBy":"","outcome":"ABANDON","FLOW_OUT","ANSWERED"}],[["customer"],["customerEnd"]',
    '["userEnd [\\"\u00010\\",\\"\u00011\\"]"],{"served":true}],[["terminated [\\"\u00010\\",\\"\u00011\\"]"],["connected [\\"\u00010\\",\\"\u00011\\"]"],["user [\\"\u00010\\",\\"\u00011\\"]"],{"direction":"OUTBOUND"'
  ]

  const sessions = [
    '["seen"],["terminated","wrapup"],{"code":"","durationMs":}],[["end"],null],[["~presumed \u00010"],{"endedBy":"conversationsummary"},{"endedBy":"presence"},"acd.start","acd.end","user.start","user.end","agent.state","customer.end","snapshot",{"endedAt":1778000000000',
    '"sessionStart":1778000000000,"state":"CONTACTING","DIALING","HOLD","PARKED","TERMINATED","WRAPUP","INTERACT","ALERT","userId":"\u00011"}],["start \u00010"],{"conversationId":"\u00010","direction":"INBOUND","mediaType":"EMAIL","CALLBACK","CHAT","MESSAGE","VOICE","queueId":"\u00010"}]',
    '[["segment"],1,0,{"conversationId":"\u00010","direction":"INBOUND","mediaType":"VOICE","state":"INTERACT"}],[["start"],0,0,{"conversationId":"\u00010","direction":"INBOUND","mediaType":"VOICE"}],[["~connection \u00010"],0,0,{"connectedAt":1778000000000}],{"alerting":true}'
  ]

  const states = [
    '["joined"],{"joined":true,"loggedAt":1778000000000}],["@loggedOff"],["back"],["idle.call"],["idle.message"],["presenceSource"],["persistentConnection"],{"state":"PERSISTED","stationId":"\u00011"}],[["station"],["userState"],"inactive","deleted","active",{"enterpriseActive":0,"enterpriseAcw":0}',
    '"AVAILABLE","BUSY","AWAY","BREAK","MEAL","MEETING","TRAINING","OFFLINE","OFF_QUEUE","NOT_RESPONDING","COMMUNICATING","IDLE",{"active":1,"acw":0}],[["listed.\u00010"]',
    `[["\u00010",1778000000000],["\u00011",1778000000000],["\u00012",1778000000000]],[[["activeQueues"],0,0,{"changed":1778000000000,"ids":["\u00010"]}],[${JSON.stringify(media.map((medium) => `conversations.${medium}`))},1,0,${zero}],[["outOfOffice"],0,-100,false],[["presence"],2,-1,{"definitionId":"\u00010","systemPresence":"ON_QUEUE"}],[["routingStatus"],1,-100,"INTERACTING"]]`
  ]

  // Where two of its parts hold the same, the later is cheaper to refer to: what is in most rows comes last.
  return Buffer.from([observations, conversations, sessions, states].flat().join(""))
}

let made: Uint8Array | undefined

/** Made when it is first needed: who reads rows without their registers needs none. */
export const rowDictionary = (): Uint8Array => {
  made ??= make()
  return made
}
