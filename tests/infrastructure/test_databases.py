from sqlalchemy import create_engine, text


def test_each_kind_of_database_holds_what_is_written_to_it(empty_database_url):
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE home (name TEXT)"))
        connection.execute(text("INSERT INTO home VALUES ('望桐县')"))
        assert connection.execute(text("SELECT length(name) FROM home")).scalar_one() == 3
    engine.dispose()


def test_two_databases_of_one_test_do_not_share_a_table(databases, database_kind):
    with databases.empty(database_kind) as first, databases.empty(database_kind) as second:
        one, other = create_engine(first), create_engine(second)
        with one.begin() as connection:
            connection.execute(text("CREATE TABLE home (name TEXT)"))
        with other.begin() as connection:
            connection.execute(text("CREATE TABLE home (name TEXT)"))
        one.dispose()
        other.dispose()


def test_the_trigrams_of_postgresql_know_chinese(postgres_empty_url):
    engine = create_engine(postgres_empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))
        found = connection.execute(text("SELECT array_length(show_trgm('违规收取押金'), 1)")).scalar_one()
    engine.dispose()
    assert found == 7
