// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {Base} from "../support/Base.t.sol";
import {GovernanceBase, IDimoGovernor, IToken, Sink} from "../support/GovernanceBase.t.sol";

/// @dev Holders who propose, vote, move tokens and let time pass, as they like and in any order.
contract Holders is Base {
    struct Item {
        uint256 id;
        address target;
        bytes data;
        uint256 spend;
        uint256 executedAt;
    }

    uint256 private constant M = 1_000_000e18;

    IDimoGovernor private immutable governor;
    IToken private immutable token;
    address private immutable treasury;
    address private immutable sink;
    address[] private actors;
    Item[] private items;

    /// @dev What must never happen, in words; empty while it hasn't.
    string public violation;
    uint256 public executions;

    constructor(IDimoGovernor governor_, IToken token_, address treasury_, address sink_, address[] memory actors_) {
        (governor, token, treasury, sink, actors) = (governor_, token_, treasury_, sink_, actors_);
    }

    function count() external view returns (uint256) {
        return items.length;
    }

    function item(uint256 index) external view returns (Item memory) {
        return items[index];
    }

    function proposeSpend(uint256 actor, uint256 amount) external {
        amount = bound(amount, 1, 17 * M);
        _propose(actor, treasury, abi.encodeCall(ITreasury.spend, (address(token), address(0xCAFE), amount)), amount);
    }

    function proposeCall(uint256 actor, uint256 kind) external {
        bytes4[3] memory selectors = [Sink.light.selector, Sink.medium.selector, Sink.heavy.selector];
        _propose(actor, sink, abi.encodeWithSelector(selectors[kind % 3], items.length), 0);
    }

    function vote(uint256 which, uint256 actor, uint256 support) external {
        if (items.length == 0) return;
        vm.prank(actors[actor % actors.length]);
        try governor.castVote(_recent(which).id, support % 4 == 0 ? 0 : 1) {} catch {}
    }

    /// @dev Everybody agrees: without this hardly anything would be executed.
    function agree(uint256 which) external {
        if (items.length == 0) return;
        for (uint256 i = 0; i < actors.length; ++i) {
            vm.prank(actors[i]);
            try governor.castVote(_recent(which).id, 1) {} catch {}
        }
    }

    /// @dev Tries every step on the last proposals, whether or not it is time for it.
    function push() external {
        for (uint256 i = 0; i < items.length && i < 4; ++i) _push(i);
    }

    function _push(uint256 which) private {
        Item storage chosen = _recent(which);
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _batch(chosen);
        bytes32 text = keccak256(bytes(_text(which)));
        IGovernor.ProposalState before = governor.state(chosen.id);
        try governor.queue(targets, values, calldatas, text) {
            if (before != IGovernor.ProposalState.Succeeded) violation = "queued without having succeeded";
            if (!_passed(chosen.id)) violation = "queued against the definition of its level";
        } catch {
            if (before == IGovernor.ProposalState.Succeeded) violation = "succeeded and could not be queued";
        }
        uint256 eta = governor.proposalEta(chosen.id);
        try governor.execute(targets, values, calldatas, text) {
            if (before != IGovernor.ProposalState.Queued) violation = "executed without having been queued before";
            if (eta == 0 || block.timestamp < eta || block.timestamp > eta + 14 days)
                violation = "executed out of time";
            chosen.executedAt = block.timestamp;
            ++executions;
        } catch {}
    }

    function cancel(uint256 which, uint256 actor) external {
        if (items.length == 0) return;
        Item storage chosen = _recent(which);
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _batch(chosen);
        bytes32 text = keccak256(bytes(_text(which)));
        IGovernor.ProposalState before = governor.state(chosen.id);
        address sender = actors[actor % actors.length];
        vm.prank(sender);
        try governor.cancel(targets, values, calldatas, text) {
            bool own = before == IGovernor.ProposalState.Pending && sender == governor.proposalProposer(chosen.id);
            if (!own) violation = "cancelled by a holder who may not";
        } catch {}
    }

    function move(uint256 from, uint256 to, uint256 amount) external {
        address sender = actors[from % actors.length];
        uint256 balance = token.balanceOf(sender);
        vm.prank(sender);
        token.transfer(actors[to % actors.length], bound(amount, 0, balance));
    }

    function delegate(uint256 from, uint256 to) external {
        vm.prank(actors[from % actors.length]);
        token.delegate(
            to % 16 == 0 ? EXCLUDED_VOTES : actors[from % 8 == 0 ? to % actors.length : from % actors.length]
        );
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 3 days));
    }

    function waitLong(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 3 days, 6 days));
    }

    function _propose(uint256 actor, address target, bytes memory data, uint256 spend) private {
        Item memory made = Item(0, target, data, spend, 0);
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _batch(made);
        vm.prank(actors[actor % actors.length]);
        try governor.propose(targets, values, calldatas, _number(items.length)) returns (uint256 id) {
            made.id = id;
            items.push(made);
        } catch {}
    }

    /// @dev One of the last four: the others are over.
    function _recent(uint256 which) private view returns (Item storage) {
        return items[_index(which)];
    }

    function _text(uint256 which) private view returns (string memory) {
        return _number(_index(which));
    }

    function _index(uint256 which) private view returns (uint256) {
        return items.length - 1 - (which % (items.length < 4 ? items.length : 4));
    }

    function _number(uint256 index) private pure returns (string memory) {
        return string(abi.encodePacked("item ", uint16(index)));
    }

    function _batch(
        Item memory from
    ) private pure returns (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) {
        (targets, values, calldatas) = (new address[](1), new uint256[](1), new bytes[](1));
        (targets[0], calldatas[0]) = (from.target, from.data);
    }

    /// @dev The plan's words: more than half, 60, 70 % of for + against; 3, 5, 10 % of what circulated.
    function _passed(uint256 id) private view returns (bool) {
        (uint256 against, uint256 inFavour, uint256 abstain) = governor.proposalVotes(id);
        uint256 level = governor.proposalLevel(id);
        uint256 circulating = governor.circulatingSupply(governor.proposalSnapshot(id));
        uint256 quorum =
            level == 1
                ? 3
                : level == 2
                    ? 5
                    : 10;
        bool majority =
            level == 1 ? inFavour > against : inFavour * 100 >= (inFavour + against) * (level == 2 ? 60 : 70);
        return majority && (inFavour + abstain) * 100 >= circulating * quorum;
    }
}

/// @title What holds whatever the holders do.
contract GovernorInvariantsTest is GovernanceBase {
    Holders private holders;

    function setUp() public override {
        super.setUp();
        address[] memory actors = new address[](4);
        (actors[0], actors[1], actors[2], actors[3]) = (alice, bob, carol, whale);
        holders = new Holders(governor, token, address(treasury), address(sink), actors);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(holders);
    }

    function invariant_no_step_is_taken_out_of_turn() public view {
        assertTrue(bytes(holders.violation()).length == 0, holders.violation());
    }

    function invariant_votes_and_spends_are_bounded_and_the_timelock_is_in_charge() public view {
        uint256 count = holders.count();
        for (uint256 i = 0; i < count; ++i) {
            Holders.Item memory item = holders.item(i);
            _votesAreOfTheSnapshot(item.id);
            if (item.executedAt != 0) _spendsWithinAMonth(item.executedAt, count);
        }
        _treasuryIsExcluded();
        _timelockIsInCharge();
    }

    function _votesAreOfTheSnapshot(uint256 id) private view {
        uint256 snapshot = governor.proposalSnapshot(id);
        if (snapshot >= block.timestamp) return;
        (uint256 against, uint256 inFavour, uint256 abstain) = governor.proposalVotes(id);
        assertTrue(against + inFavour + abstain <= governor.circulatingSupply(snapshot), "more votes than tokens");
    }

    /// @dev Spends below level 3, in the 30 days that end with one of them.
    function _spendsWithinAMonth(uint256 end, uint256 count) private view {
        uint256 spent = 0;
        for (uint256 i = 0; i < count; ++i) {
            Holders.Item memory item = holders.item(i);
            bool within = item.executedAt != 0 && item.executedAt <= end && item.executedAt + 30 days >= end;
            if (within && governor.proposalLevel(item.id) < 3) spent += item.spend;
        }
        assertTrue(spent <= 15 * M, "15 M within 30 days without level 3");
    }

    function _treasuryIsExcluded() private view {
        assertEq(token.delegates(address(treasury)), EXCLUDED_VOTES, "delegatee");
        assertEq(token.getVotes(address(treasury)), 0, "votes");
        assertTrue(token.getVotes(EXCLUDED_VOTES) >= token.balanceOf(address(treasury)), "excluded votes");
    }

    function _timelockIsInCharge() private view {
        (bool isAdmin, uint32 delay) = manager.hasRole(0, address(timelock));
        assertTrue(isAdmin && delay == 0, "admin");
        bytes32[3] memory roles = [timelock.PROPOSER_ROLE(), timelock.EXECUTOR_ROLE(), timelock.CANCELLER_ROLE()];
        for (uint256 i = 0; i < roles.length; ++i) {
            assertTrue(timelock.hasRole(roles[i], address(governor)), "the governor's");
            assertTrue(!timelock.hasRole(roles[i], address(0)) && !timelock.hasRole(roles[i], whale), "nobody else's");
        }
    }

    /// @dev The walk does reach executions: a fixed one, so that the invariants above are not about nothing.
    function test_the_holders_execute_spends() public {
        for (uint256 i = 0; i < 4; ++i) {
            holders.proposeSpend(i, 4 * M);
        }
        holders.wait(3 days - 1);
        for (uint256 i = 0; i < 4; ++i) {
            for (uint256 actor = 0; actor < 4; ++actor) holders.vote(i, actor, 1);
        }
        holders.waitLong(3 days);
        holders.wait(1 days);
        holders.push();
        holders.waitLong(1 days);
        holders.push();
        assertEq(holders.executions(), 4, "executed");
        assertEq(governor.proposalLevel(holders.item(3).id), 3, "the fourth needed level 3");
        invariant_votes_and_spends_are_bounded_and_the_timelock_is_in_charge();
        invariant_no_step_is_taken_out_of_turn();
    }
}
