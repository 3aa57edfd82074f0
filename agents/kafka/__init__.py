"""The agents on Kafka: Faust hands out the partitions, cursors in the store say where each goes on (D3, D5)."""
