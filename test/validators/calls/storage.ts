import { type Calls, call, capitals, type Given, member, tagList } from "./call.ts"

export const storage: Calls = {
  "aws:dynamodb/table:Table": (i) => {
    const keys = (range?: string) => [
      { AttributeName: i.hashKey, KeyType: "HASH" },
      ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" }])
    ]
    return [
      call("dynamodb.CreateTable", {
        TableName: i.name,
        AttributeDefinitions: i.attributes.map(({ name, type }: Given) => ({
          AttributeName: name,
          AttributeType: type
        })),
        KeySchema: keys(i.rangeKey),
        BillingMode: i.billingMode,
        DeletionProtectionEnabled: i.deletionProtectionEnabled,
        LocalSecondaryIndexes: i.localSecondaryIndexes?.map(
          ({ name, rangeKey, projectionType, nonKeyAttributes }: Given) => ({
            IndexName: name,
            KeySchema: keys(rangeKey),
            Projection: { ProjectionType: projectionType, ...member("NonKeyAttributes", nonKeyAttributes) }
          })
        ),
        GlobalSecondaryIndexes: i.globalSecondaryIndexes?.map(
          ({ name, hashKey, rangeKey, projectionType, nonKeyAttributes }: Given) => ({
            IndexName: name,
            KeySchema: [
              { AttributeName: hashKey, KeyType: "HASH" },
              { AttributeName: rangeKey, KeyType: "RANGE" }
            ],
            Projection: { ProjectionType: projectionType, ...member("NonKeyAttributes", nonKeyAttributes) }
          })
        ),
        StreamSpecification:
          i.streamEnabled === undefined
            ? undefined
            : { StreamEnabled: i.streamEnabled, ...member("StreamViewType", i.streamViewType) },
        SSESpecification: i.serverSideEncryption && {
          Enabled: i.serverSideEncryption.enabled,
          SSEType: "KMS",
          KMSMasterKeyId: i.serverSideEncryption.kmsKeyArn
        },
        WarmThroughput: capitals(i.warmThroughput),
        Tags: tagList(i.tags)
      }),
      ...(i.ttl === undefined
        ? []
        : [call("dynamodb.UpdateTimeToLive", { TableName: i.name, TimeToLiveSpecification: capitals(i.ttl) })]),
      ...(i.pointInTimeRecovery?.enabled
        ? [
            call("dynamodb.UpdateContinuousBackups", {
              TableName: i.name,
              PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
            })
          ]
        : [])
    ]
  },
  "aws:dynamodb/tableItem:TableItem": ({ hashKey: _, ...i }) => [
    call("dynamodb.PutItem", { TableName: i.tableName, Item: JSON.parse(i.item) })
  ],
  "aws:kinesis/stream:Stream": (i, name) => [
    call("kinesis.CreateStream", {
      StreamName: name,
      ShardCount: i.shardCount,
      StreamModeDetails: capitals(i.streamModeDetails),
      MaxRecordSizeInKiB: i.maxRecordSizeInKib,
      Tags: i.tags
    }),
    call("kinesis.IncreaseStreamRetentionPeriod", { StreamName: name, RetentionPeriodHours: i.retentionPeriod }),
    call("kinesis.StartStreamEncryption", { StreamName: name, EncryptionType: i.encryptionType, KeyId: i.kmsKeyId })
  ],
  "aws:kms/alias:Alias": (i) => [call("kms.CreateAlias", { AliasName: i.name, TargetKeyId: i.targetKeyId })],
  "aws:kms/key:Key": ({ enableKeyRotation: _, ...i }, name) => [
    call("kms.CreateKey", {
      Description: i.description,
      Policy: i.policy,
      Tags: tagList(i.tags, "TagKey", "TagValue")
    }),
    call("kms.ScheduleKeyDeletion", { KeyId: name, PendingWindowInDays: i.deletionWindowInDays })
  ],
  "aws:s3/bucket:Bucket": ({ forceDestroy: _, ...i }, name) => [
    call("s3.CreateBucket", { Bucket: name }),
    call("s3.PutBucketTagging", { Bucket: name, Tagging: { TagSet: tagList(i.tags) } })
  ],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (i) => [
    call("s3.PutBucketLifecycleConfiguration", {
      Bucket: i.bucket,
      LifecycleConfiguration: {
        Rules: i.rules.map(({ id, ...rule }: Given) => ({ ID: id, ...(capitals(rule) as object) }))
      }
    })
  ],
  "aws:s3/bucketPolicy:BucketPolicy": (i) => [call("s3.PutBucketPolicy", { Bucket: i.bucket, Policy: i.policy })],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ({ bucket, ...i }) => [
    call("s3.PutPublicAccessBlock", { Bucket: bucket, PublicAccessBlockConfiguration: capitals({ ...i }) })
  ],
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": (i) => [
    call("s3.PutBucketReplication", {
      Bucket: i.bucket,
      ReplicationConfiguration: {
        Role: i.role,
        Rules: i.rules.map(({ id, destination, ...rule }: Given) => {
          const { encryptionConfiguration: under, ...to } = destination
          return {
            ID: id,
            ...(capitals(rule) as object),
            Destination: {
              ...(capitals(to) as object),
              ...member("EncryptionConfiguration", under && { ReplicaKmsKeyID: under.replicaKmsKeyId })
            }
          }
        })
      }
    })
  ],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (i) => [
    call("s3.PutBucketEncryption", {
      Bucket: i.bucket,
      ServerSideEncryptionConfiguration: {
        Rules: i.rules.map(({ applyServerSideEncryptionByDefault: by, bucketKeyEnabled }: Given) => ({
          ApplyServerSideEncryptionByDefault: {
            SSEAlgorithm: by.sseAlgorithm,
            ...member("KMSMasterKeyID", by.kmsMasterKeyId)
          },
          ...member("BucketKeyEnabled", bucketKeyEnabled)
        }))
      }
    })
  ],
  "aws:s3/bucketVersioning:BucketVersioning": (i) => [
    call("s3.PutBucketVersioning", {
      Bucket: i.bucket,
      VersioningConfiguration: capitals(i.versioningConfiguration)
    })
  ],
  "aws:sns/topic:Topic": (i, name) => [
    call("sns.CreateTopic", {
      Name: name,
      Attributes: i.kmsMasterKeyId === undefined ? {} : { KmsMasterKeyId: i.kmsMasterKeyId },
      Tags: tagList(i.tags)
    })
  ],
  "aws:sns/topicPolicy:TopicPolicy": (i) => [
    call("sns.SetTopicAttributes", { TopicArn: i.arn, AttributeName: "Policy", AttributeValue: i.policy })
  ],
  "aws:sns/topicSubscription:TopicSubscription": (i) => [
    call("sns.Subscribe", { TopicArn: i.topic, Protocol: i.protocol, Endpoint: i.endpoint })
  ],
  "aws:sqs/queue:Queue": (i, name) => {
    const attributes = {
      MessageRetentionPeriod: i.messageRetentionSeconds,
      VisibilityTimeout: i.visibilityTimeoutSeconds,
      RedrivePolicy: i.redrivePolicy,
      SqsManagedSseEnabled: i.sqsManagedSseEnabled,
      KmsMasterKeyId: i.kmsMasterKeyId
    }
    const given = Object.entries(attributes).filter(([, value]) => value !== undefined)
    return [
      call("sqs.CreateQueue", {
        QueueName: name,
        Attributes: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
        tags: i.tags
      })
    ]
  },
  "aws:sqs/queuePolicy:QueuePolicy": (i) => [
    call("sqs.SetQueueAttributes", { QueueUrl: i.queueUrl, Attributes: { Policy: i.policy } })
  ]
}
