import { type Fields, names } from "../body.ts"
import { direction, mediaType, messageType } from "../words.ts"

/** What all detail events of a conversation may carry. Addresses, names, numbers and subjects among it are a customer's, and are never read. */
export const sessionFields: Fields = {
  ...names(
    `eventTime conversationId participantId sessionId provider ani dnis addressTo addressFrom callbackUserName callbackNumbers subject
     callbackScheduledTime conversationExternalContactIds conversationExternalOrganizationIds utilizationLabel`
  ),
  mediaType,
  messageType,
  direction
}
