import { spelledWord, word } from "./body.ts"
import { logAllowList } from "./log-allow-list.ts"
import { normalisePresence, normaliseRoutingStatus, presences, routingStatuses } from "./presence.ts"

// The enumerations of bodies. All are open: Genesys adds words several times a year, and drift counts those that are not here.

export const systemPresence = spelledWord([...presences, "UNKNOWN"], normalisePresence)

export const routingStatusWord = spelledWord(routingStatuses, normaliseRoutingStatus)

const MEDIA = "UNKNOWN VOICE CHAT EMAIL CALLBACK COBROWSE VIDEO SCREENSHARE MESSAGE INTERNALMESSAGE SCREENMONITORING"

export const mediaType = word(MEDIA)

/** Analytics bodies write media in lower case. */
export const lowerMediaType = word(MEDIA.toLowerCase(), logAllowList.medium)

export const direction = word("UNKNOWN INBOUND OUTBOUND")

export const messageType = word("UNKNOWN SMS TWITTER FACEBOOK LINE WHATSAPP WEBMESSAGING OPEN INSTAGRAM APPLE")

export const disconnectType = word(
  `UNKNOWN ENDPOINT CLIENT SYSTEM TRANSFER ERROR PEER OTHER SPAM TIMEOUT TRANSPORT_FAILURE CONFERENCE_TRANSFER CONSULT_TRANSFER
   FORWARD_TRANSFER NO_ANSWER_TRANSFER NOT_AVAILABLE_TRANSFER UNCALLABLE DND_ENDPOINT DND_TRANSFER INACTIVITY SESSION_EXPIRED
   TAKEOVER`
)

export const acdOutcome = word("UNKNOWN ABANDON ANSWERED FLOW_OUT")

export const routing = word("UNKNOWN MANUAL PREDICTIVE PREFERRED LAST BULLSEYE STANDARD OTHER CONDITIONAL VIP")

export const flowType = word(
  `UNKNOWN INBOUNDCALL OUTBOUNDCALL INQUEUECALL SECURECALL INBOUNDEMAIL SURVEYINVITE INBOUNDSHORTMESSAGE INBOUNDCHAT WORKFLOW BOT
   DIGITALBOT COMMONMODULE INQUEUEEMAIL INQUEUESHORTMESSAGE VOICE VOICEMAIL WORKITEM VOICESURVEY`
)

export const segmentState = word(
  `UNKNOWN ALERT INTERACT WRAPUP BARGING CALLBACK COACHING CONTACTING CONVERTING DELAY DIALING HOLD IVR MONITORING PARKED
   SCHEDULED SHARING SYSTEM TRANSMITTING UPLOADING VOICEMAIL TERMINATED`
)

export const persistentState = word("UNKNOWN PERSISTED ACTIVE_CALL DISCONNECTED FAILED")

/** Genesys writes these as names, not in capitals. */
export const presenceEventType = word("UserPresenceStatusChanged UserPrimaryPresenceSourceChanged", logAllowList.field)

export const queueMetric = word(
  "oAlerting oInteracting oWaiting oFlow oLongestWaiting oLongestInteracting",
  logAllowList.metric
)

/** Observations, and the aggregates that the same topic carries. */
export const observedMetric = word(
  `oActiveUsers oAlerting oExternalMediaCount oFlow oInteracting oLongestInteracting oLongestWaiting oMediaCount oMemberUsers
   oMessageTurn oOffQueueUsers oOnQueueUsers oServiceLevel oServiceTarget oUserPresences oUserRoutingStatuses oWaiting
   nBlindTransferred nBotInteractions nCobrowseSessions nConnected nConsult nConsultTransferred nConversations nError nOffered
   nOutbound nOutboundAbandoned nOutboundAttempted nOutboundConnected nOverSla nStateTransitionError nTransferred
   tAbandon tAcd tAcw tActiveCallback tActiveCallbackComplete tAgentResponseTime tAgentVideoConnected tAlert tAnswered
   tAverageAgentResponseTime tAverageCustomerResponseTime tBarging tCallback tCallbackComplete tCoaching tCoachingComplete
   tConnected tContacting tDialing tFirstConnect tFirstDial tFirstEngagement tFirstResponse tFlowOut tHandle tHeld tHeldComplete
   tIvr tMonitoring tMonitoringComplete tNotResponding tPark tParkComplete tScreenMonitoring tShortAbandon tSnippetRecord tTalk
   tTalkComplete tUserResponseTime tVoicemail tWait`,
  logAllowList.metric
)

/** What can become of a user. */
export const userState = word("active inactive deleted", logAllowList.field)
