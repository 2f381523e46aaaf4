// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStreams} from "./IStreams.sol";
import {ProgramFunds} from "./ProgramFunds.sol";
import {StreamMath} from "./StreamMath.sol";

/// @title Streams: pay that accrues by the second
contract Streams is IStreams, ProgramFunds {
    using StreamMath for StreamMath.Terms;

    /// @custom:storage-location erc7201:dimo.storage.Streams
    struct Layout {
        uint256 streamCount;
        mapping(uint256 id => Stream) streams;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.Streams")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0xd73a741a7b229b88e4c40c940fd4fe7f0f7b29141d574ad2baac1cc8c0811300;

    /// @param authority_ AccessManager.
    /// @param token_ ERC-20 in which streams are paid.
    /// @param treasury_ Receives what is freed.
    function initialize(address authority_, address token_, address treasury_) external initializer {
        __ProgramFunds_init(authority_, token_, treasury_);
    }

    /// @inheritdoc IStreams
    function create(
        address recipient,
        uint96 total,
        uint40 start,
        uint40 cliff,
        uint40 end,
        string calldata purpose
    ) external restricted returns (uint256 id) {
        _requireAccount(recipient);
        if (total == 0) revert TotalInvalid(total);
        StreamMath.Terms memory terms = StreamMath.Terms({
            settled: 0,
            total: total,
            start: start,
            cliff: cliff,
            end: end
        });
        if (!terms.isValid()) revert TimesInvalid(start, cliff, end);

        _reserve(total);
        Layout storage $ = _layout();
        id = ++$.streamCount;
        Stream storage stream = $.streams[id];
        stream.recipient = recipient;
        stream.state = State.Live;
        _setTerms(stream, terms);
        emit StreamCreated(id, recipient, total, start, cliff, end, purpose);
    }

    /// @inheritdoc IStreams
    function change(uint256 id, uint96 total, uint40 end) external restricted {
        Stream storage stream = _live(id);
        uint96 before = stream.total;
        StreamMath.Terms memory terms = _termsOf(stream).change(uint40(block.timestamp), total, end);
        if (!terms.isValid()) revert TimesInvalid(terms.start, terms.cliff, end);

        _setTerms(stream, terms);
        uint96 current = stream.total;
        uint96 freed = before > current ? before - current : 0;
        emit StreamChanged(id, stream.settled, current, end, freed);

        if (current > before) _reserve(current - before);
        if (freed > 0) _payBack(freed);
    }

    /// @inheritdoc IStreams
    function cancel(uint256 id) external restricted returns (uint96 freed) {
        Stream storage stream = _live(id);
        (StreamMath.Terms memory terms, uint128 rest) = _termsOf(stream).cancel(uint40(block.timestamp));

        stream.state = State.Cancelled;
        _setTerms(stream, terms);
        // Part of a total, which is 96 bits.
        freed = uint96(rest);
        emit StreamCancelled(id, stream.total, freed);

        _payBack(freed);
    }

    /// @inheritdoc IStreams
    function withdraw(uint256 id, address to, uint96 amount) external {
        Stream storage stream = _layout().streams[id];
        _requireRecipient(id, stream);
        uint96 withdrawable = _withdrawable(stream);
        if (amount == 0 || amount > withdrawable) revert AmountInvalid(id, amount, withdrawable);
        _withdraw(id, stream, to, amount);
    }

    /// @inheritdoc IStreams
    function withdrawAll(uint256 id, address to) external returns (uint96 amount) {
        Stream storage stream = _layout().streams[id];
        _requireRecipient(id, stream);
        amount = _withdrawable(stream);
        if (amount == 0) revert AmountInvalid(id, 0, 0);
        _withdraw(id, stream, to, amount);
    }

    /// @inheritdoc IStreams
    function move(uint256 id, address to) external {
        Stream storage stream = _layout().streams[id];
        _requireRecipient(id, stream);
        _requireAccount(to);
        stream.recipient = to;
        emit StreamMoved(id, msg.sender, to);
    }

    /// @inheritdoc IStreams
    function streamCount() external view returns (uint256) {
        return _layout().streamCount;
    }

    /// @inheritdoc IStreams
    function streamOf(uint256 id) external view returns (Stream memory) {
        return _layout().streams[id];
    }

    /// @inheritdoc IStreams
    function accruedOf(uint256 id, uint256 time) external view returns (uint96) {
        return _accruedAt(_layout().streams[id], time);
    }

    /// @inheritdoc IStreams
    function withdrawableOf(uint256 id) external view returns (uint96) {
        return _withdrawable(_layout().streams[id]);
    }

    function _withdraw(uint256 id, Stream storage stream, address to, uint96 amount) private {
        _requireAccount(to);
        stream.withdrawn += amount;
        emit StreamWithdrawn(id, to, amount);
        _pay(to, amount);
    }

    /// @dev Terms of a stream are made of its own 96-bit amounts, so casting back loses nothing.
    function _setTerms(Stream storage stream, StreamMath.Terms memory terms) private {
        stream.total = uint96(terms.total);
        stream.start = terms.start;
        stream.cliff = terms.cliff;
        stream.end = terms.end;
        stream.isSettled = terms.settled > 0;
        stream.settled = uint96(terms.settled);
    }

    function _live(uint256 id) private view returns (Stream storage stream) {
        stream = _layout().streams[id];
        if (stream.state != State.Live) revert StreamStateInvalid(id, stream.state);
    }

    function _requireRecipient(uint256 id, Stream storage stream) private view {
        address recipient = stream.recipient;
        if (msg.sender != recipient) revert NotRecipient(id, msg.sender, recipient);
    }

    function _withdrawable(Stream storage stream) private view returns (uint96) {
        return _accruedAt(stream, block.timestamp) - stream.withdrawn;
    }

    function _accruedAt(Stream storage stream, uint256 time) private view returns (uint96) {
        // At most the total, which is 96 bits.
        return uint96(_termsOf(stream).accruedAt(time));
    }

    /// @dev The flag spares a stream that never changed the slot in which nothing is settled.
    function _termsOf(Stream storage stream) private view returns (StreamMath.Terms memory) {
        return
            StreamMath.Terms({
                settled: stream.isSettled ? stream.settled : 0,
                total: stream.total,
                start: stream.start,
                cliff: stream.cliff,
                end: stream.end
            });
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
