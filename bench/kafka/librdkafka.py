"""The peer: a lag snapshot by librdkafka's admin client. Prints the seconds that a second snapshot took, and the lag that it found."""
import sys
import time

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

bootstrap, topics, partitions, groups = sys.argv[1], *map(int, sys.argv[2:5])
admin = AdminClient({"bootstrap.servers": bootstrap})
ends_wanted = {TopicPartition(f"topic-{t}", p): OffsetSpec.latest() for t in range(topics) for p in range(partitions)}


def snapshot():
    commits = [admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(f"group-{g}")]) for g in range(groups)]
    ends = admin.list_offsets(ends_wanted, request_timeout=60)
    end_of = {(tp.topic, tp.partition): future.result().offset for tp, future in ends.items()}
    committed = [tp for one in commits for future in one.values() for tp in future.result().topic_partitions]
    return sum(end_of[(tp.topic, tp.partition)] - tp.offset for tp in committed)


snapshot()
begun = time.monotonic()
lag = snapshot()
print(time.monotonic() - begun, lag)
